import type { FaultSpec, Ruleset, RulesetRule } from "@keyturn/edge";
import { afterAll, describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { atStage, leftAsItWas, stages } =
  native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { keysAtTheApi, shapeOf, zoneId } =
  native<typeof import("../support/shape.ts")>("tests/support/shape.ts");
const { checkout } = native<typeof import("../support/checkouts.ts")>("tests/support/checkouts.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 120_000 });
afterAll(removeTemporaryFolders);

type World = Awaited<ReturnType<typeof atStage>>;

const FOREIGN_KEY = { kid: "foreign", alg: "HS256", kty: "oct", k: "QUFBQQ" } as const;

/** What `rotate` says when it makes or refuses a move. */
async function tick(world: World, options = {}): Promise<{ ok: boolean; code: string; said: string }> {
  const { ok, refused, rings } = await rotate(world.rotation, options);
  const [outcome] = rings;
  const decision = outcome?.decision;
  const stopped = decision?.step === "stop" ? `${decision.code}: ${decision.reason}` : "";
  const said = refused
    ? `${refused.code}: ${refused.message}`
    : outcome?.run?.diagnostics.join("; ") || stopped;
  return { ok, code: /[A-Z_]{5,}(?=:)/.exec(said)?.[0] ?? "", said };
}

function addForeignKey(world: World): void {
  const { tokenConfigurations } = world.edge.world.zone(zoneId(world));
  const changed = tokenConfigurations.map((entry) => ({ ...entry, keys: [...entry.keys, FOREIGN_KEY] }));
  world.edge.world.commitZone(zoneId(world), "tokenConfigurations", changed);
}

function kids(world: World): string[] {
  const { tokenConfigurations } = world.edge.world.zone(zoneId(world));
  return tokenConfigurations.flatMap((entry) => entry.keys.map((key) => key.kid));
}

const CUSTOM = "http_request_firewall_custom";

function rules(world: World): readonly RulesetRule[] {
  return world.edge.world.zone(zoneId(world)).rulesets.find((set) => set.phase === CUSTOM)?.rules ?? [];
}

/** Somebody else writes the phase: `change` of its rules, in one new version. */
async function writeRules(world: World, change: (rules: readonly RulesetRule[]) => object[]): Promise<void> {
  await world.edge.fetch(
    `https://local.invalid/client/v4/zones/${zoneId(world)}/rulesets/phases/${CUSTOM}/entrypoint`,
    {
      method: "PUT",
      headers: {
        authorization: `Bearer ${world.local.config["cloudflare:apiToken"]}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ rules: change(rules(world)) }),
    },
  );
}

const FOREIGN_RULE = {
  ref: "theirs",
  description: "not ours",
  expression: 'http.host eq "other.example.com"',
  action: "log",
  enabled: true,
};

function foreign(world: World): object[] {
  return rules(world)
    .filter((rule) => !rule.ref.startsWith("keyturn:"))
    .map(({ last_updated: _at, version: _version, ...rule }) => rule);
}

describe("the API fails while a key is published", () => {
  const PUT = { method: "PUT", nth: 1 } as const;
  test.each<[string, FaultSpec]>([
    ["429 with Retry-After", { kind: "status", status: 429, retryAfter: 7, ...PUT }],
    ["503 once", { kind: "status", status: 503, ...PUT }],
    ["an answer that never arrives though the write took effect", { kind: "lostAnswer", ...PUT }],
    ["a call that never arrives", { kind: "timeout", ...PUT }],
    ["a slow answer", { kind: "slowAnswer", ms: 12_000, ...PUT }],
    [
      "a read-back that does not see the write yet",
      { kind: "staleRead", method: "GET", path: "token_validation", nth: 3 },
    ],
  ])("%s: the move is made all the same", async (_label, fault) => {
    for (const kind of ["asymmetric", "links"] as const) {
      const undisturbed = await atStage(kind, "publish k2");
      await rotate(undisturbed.rotation);
      const world = await atStage(kind, "publish k2");
      world.edge.faults.add(fault);
      expect(await tick(world)).toMatchObject({ ok: true, said: "" });
      expect(await shapeOf(world)).toEqual(await shapeOf(undisturbed));
    }
  });

  test("Retry-After is waited for", async () => {
    const world = await atStage("asymmetric", "publish k2");
    world.edge.faults.add({ kind: "status", status: 429, retryAfter: 7, method: "PUT", nth: 1 });
    const begun = world.clock.now();
    await tick(world);
    expect(world.clock.now() - begun).toBe(7000);
  });

  test.each<[string, FaultSpec, string, RegExp]>([
    [
      "503 for good",
      { kind: "status", status: 503, method: "PUT" },
      "API_FAILED",
      /run the same command again later/,
    ],
    [
      "429 for good",
      { kind: "status", status: 429, retryAfter: 1, method: "PUT" },
      "API_RATE_LIMITED",
      /Wait five minutes/,
    ],
    [
      "a permission taken away",
      { kind: "permissionLoss", method: "PUT" },
      "API_FORBIDDEN",
      /403 10000: Authentication error\. The token is wrong/,
    ],
    [
      "no permission at all",
      { kind: "permissionLoss" },
      "API_FORBIDDEN",
      /Nothing was changed\. The token is wrong/,
    ],
    ["writes that never arrive", { kind: "timeout", method: "PUT" }, "API_UNREACHABLE", /Check the network/],
    [
      "an API that cannot be reached",
      { kind: "timeout" },
      "API_UNREACHABLE",
      /Nothing was changed\. Check the network/,
    ],
    [
      "a refusal",
      { kind: "status", status: 400, message: "no", method: "PUT" },
      "API_REFUSED",
      /400 10400: no\. Cloudflare refuses/,
    ],
  ])(
    "%s: a code, what to do, and the ledger as it was; the next run makes the move",
    async (_label, fault, code, remedy) => {
      for (const kind of ["asymmetric", "links"] as const) {
        const world = await atStage(kind, "publish k2");
        const before = [await world.ledger(), keysAtTheApi(world), await world.local.runner.outputs()];
        const giveUp = world.edge.faults.add(fault);
        const found = await tick(world);
        expect(found).toMatchObject({ ok: false, code });
        expect(found.said).toMatch(remedy);
        expect([await world.ledger(), keysAtTheApi(world), await world.local.runner.outputs()]).toEqual(
          before,
        );
        expect(world.store.lock()).toBeUndefined();
        giveUp();
        expect(await tick(world)).toMatchObject({ ok: true, said: "" });
      }
    },
  );

  test("a wrong token", async () => {
    const from = (await stages("asymmetric")).get("publish k2");
    const config = { "cloudflare:apiToken": "not-the-token-00000000000000000000000" };
    const world = await openWorld({
      kind: "asymmetric",
      seed: 31,
      ...(from ? { from } : {}),
      local: { config },
    });
    const found = await tick(world);
    expect(found).toMatchObject({ ok: false, code: "API_FORBIDDEN" });
    expect(found.said).not.toContain("not-the-token");
  });

  test("an unsupported key that the API drops in silence", async () => {
    const drop = (body: string) =>
      JSON.stringify({ keys: (JSON.parse(body) as { keys: object[] }).keys.slice(0, 1) });
    const fetch: NonNullable<Parameters<typeof openWorld>[0]["local"]>["fetch"] = (edge) => (input, init) =>
      edge.fetch(
        input as string,
        init?.method === "PUT" && String(input).endsWith("/credentials")
          ? { ...init, body: drop(String(init.body)) }
          : init,
      );
    const world = await atStage("asymmetric", "publish k2", { local: { fetch } });
    const before = kids(world);
    const ledger = await world.ledger();
    const found = await tick(world);
    expect(found).toMatchObject({ ok: false, code: "READ_BACK_DIFFERS" });
    expect(found.said).toMatch(/an unsupported key is dropped without an error\. .*keyturn abort shop/);
    expect([kids(world), await world.ledger()]).toEqual([before, ledger]);
    expect(world.writes.filter(({ path }) => path.endsWith("/credentials")).length).toBeLessThan(5);
  });
});

describe("somebody else changes the key set", () => {
  test("before a run: it stops, and --restore writes the ledger's keys, also after a refresh", async () => {
    for (const refreshed of [false, true]) {
      const world = await atStage("asymmetric", "promote k2");
      const wanted = kids(world);
      addForeignKey(world);
      if (refreshed) await world.local.runner.refresh();
      const ledger = await world.ledger();
      const found = await tick(world);
      expect(found).toMatchObject({ ok: false, code: "DRIFT" });
      expect(found.said).toContain(
        "are not the ledger's: unknown foreign HS256. An older state: import the newest. Somebody else: find out who; `keyturn rotate shop --restore` writes the ledger's set",
      );
      expect(kids(world)).toEqual([...wanted, "foreign"]);
      // What was proved of the pending key is void from the moment its set was found changed.
      expect(ledger.rings.shop?.keys[1]).toMatchObject({ state: "VERIFIED" });
      expect((await world.ring()).keys[1]).toMatchObject({ state: "PUBLISHED", doubted: true });
      expect((await world.ring()).keys[1]).not.toHaveProperty("provedAt");
      expect(await tick(world, { restore: true })).toMatchObject({ ok: true, said: "" });
      expect(kids(world)).toEqual(wanted);
      const { rings } = await rotate(world.rotation);
      expect(rings[0]?.decision).toMatchObject({
        step: "wait",
        reason: expect.stringMatching(/^k2 was published at/),
      });
    }
  });

  test("takes the active key away: the run stops, and --restore brings it back", async () => {
    const world = await atStage("asymmetric", "end");
    const wanted = kids(world);
    const { tokenConfigurations } = world.edge.world.zone(zoneId(world));
    world.edge.world.commitZone(
      zoneId(world),
      "tokenConfigurations",
      tokenConfigurations.map((entry) => ({ ...entry, keys: [FOREIGN_KEY] })),
    );
    expect(await tick(world)).toMatchObject({ ok: false, code: "DRIFT" });
    expect(await tick(world, { restore: true })).toMatchObject({ ok: true });
    expect(kids(world)).toEqual(wanted);
  });

  test("between the decision and the write: the write is not made", async () => {
    const world = await atStage("asymmetric", "publish k2");
    const ledger = await world.ledger();
    const write = () => addForeignKey(world);
    world.edge.faults.add({
      kind: "foreignWriter",
      when: "before",
      method: "GET",
      path: "token_validation",
      nth: 2,
      write,
    });
    const found = await tick(world);
    expect(found).toMatchObject({ ok: false, code: "DRIFT" });
    expect(found.said).toContain(
      "Nothing was written. An older state: import the newest. Somebody else: find out who; `keyturn rotate shop --restore` writes the ledger's set",
    );
    expect([kids(world).length, kids(world).at(-1), await world.ledger()]).toEqual([2, "foreign", ledger]);
  });

  test("a plain up that has to write something else does not write keys either", async () => {
    const rules = checkout("asymmetric", (text) =>
      text.replace("in: [header authorization]", "in: [header authorization, header x-token]"),
    );
    const world = await atStage("asymmetric", "end", { local: { rules } });
    addForeignKey(world);
    const before = kids(world);
    const run = await world.local.runner.up();
    expect(run.diagnostics.join()).toContain("DRIFT: the token configuration of ring shop holds");
    expect(kids(world)).toEqual(before);
  });

  test("so that there is no room for the next key: the API's refusal leaves all as it was", async () => {
    const edge = {
      api: {
        tokens: { "local-q7XvT2mZ9rB5kD8wN3pH6sJ1yF4gC0aEuLx": { permissions: "all" as const } },
      },
    };
    const from = (await stages("asymmetric")).get("publish k2");
    const zones = JSON.stringify([
      {
        id: "023e105f4ecef8ad9ca31a8372d0c353",
        name: "example.com",
        plan: "enterprise",
        addOns: ["api_shield", "advanced_rate_limiting"],
        limits: { keysPerConfiguration: 1 },
      },
    ]);
    const full = await openWorld({
      kind: "asymmetric",
      seed: 32,
      local: { config: { "keyturn:zones": zones }, edge },
    });
    const world = await openWorld({
      kind: "asymmetric",
      seed: 33,
      ...(from ? { from } : {}),
      local: { fetch: () => full.edge.fetch as typeof fetch },
    });
    for (const write of from?.writes ?? []) {
      await full.edge.fetch(`https://local.invalid/client/v4${write.path}`, {
        method: write.method,
        headers: {
          authorization: `Bearer ${full.local.config["cloudflare:apiToken"]}`,
          "content-type": "application/json",
        },
        body: write.body,
      });
    }
    const ledger = await world.ledger();
    const before = kids(full);
    const found = await tick(world);
    expect(found).toMatchObject({ ok: false, code: "API_REFUSED" });
    expect(found.said).toMatch(/keys/);
    expect([kids(full), await world.ledger()]).toEqual([before, ledger]);
  });
});

describe("rules of somebody else in our phases", () => {
  async function withForeignRules(stage: string): Promise<World> {
    const world = await atStage("links", stage);
    const theirs = [
      { ...FOREIGN_RULE, ref: "theirs-1" },
      { ...FOREIGN_RULE, ref: "theirs-2", action: "skip", action_parameters: { ruleset: "current" } },
    ];
    await writeRules(world, (present) => [
      theirs[0] as object,
      ...present.map(({ last_updated: _at, version: _version, ...rule }) => rule),
      theirs[1] as object,
    ]);
    return world;
  }

  test("survive every move of a rotation, with ids, refs, order and content", async () => {
    const world = await withForeignRules("publish k2");
    const before = foreign(world);
    expect(before.length).toBe(2);
    for (let step = 0; step < 14 && (await world.ring()).keys[0]?.confirmedAt === undefined; step += 1) {
      const decision = (await rotate(world.rotation)).rings[0]?.decision;
      world.clock.set(decision?.step === "wait" ? Date.parse(decision.until) : world.clock.now() + 60_000);
      expect(foreign(world)).toEqual(before);
    }
    expect((await world.ring()).keys.map(({ state }) => state)).toEqual(["RETIRED", "ACTIVE"]);
  });

  test("survive a destroy, which takes ours away", async () => {
    const world = await withForeignRules("end");
    const before = foreign(world);
    const config = { "keyturn:deletable": "true" };
    const last = await openWorld({
      kind: "links",
      seed: 34,
      local: { shared: world.edge, store: world.store, config },
    });
    expect(await last.local.runner.up()).toMatchObject({ ok: true });
    expect(await last.local.runner.destroy()).toMatchObject({ ok: true, diagnostics: [] });
    expect(rules(world).map(({ ref }) => ref)).toEqual(["theirs-1", "theirs-2"]);
    expect(foreign(world)).toEqual(before);
  });

  test("cannot be destroyed by mistake", async () => {
    const world = await atStage("links", "end");
    let run: unknown;
    expect(
      await leftAsItWas(world, async () => {
        run = await world.local.runner.destroy();
      }),
    ).toEqual([]);
    expect(run).toMatchObject({ ok: false });
  });

  test("written between our read and our write survive", async () => {
    const world = await atStage("links", "publish k2");
    const write = () =>
      writeRules(world, (present) => [
        ...present.map(({ last_updated: _a, version: _v, ...rule }) => rule),
        FOREIGN_RULE,
      ]);
    world.edge.faults.add({
      kind: "foreignWriter",
      when: "before",
      method: "PUT",
      path: "entrypoint",
      nth: 1,
      write,
    });
    expect(await tick(world)).toMatchObject({ ok: true, said: "" });
    expect(rules(world).map(({ ref }) => ref)).toContain("theirs");
    expect(rules(world).filter(({ ref }) => ref.startsWith("keyturn:")).length).toBeGreaterThan(1);
  });

  test("survive even when the answer to our write is lost", async () => {
    const world = await atStage("links", "publish k2");
    const write = () =>
      writeRules(world, (present) => [
        ...present.map(({ last_updated: _a, version: _v, ...rule }) => rule),
        FOREIGN_RULE,
      ]);
    const fitting = { method: "PUT", path: "entrypoint", nth: 1 } as const;
    world.edge.faults.add({ kind: "foreignWriter", when: "before", write, ...fitting });
    world.edge.faults.add({ kind: "lostAnswer", ...fitting });
    expect(await tick(world)).toMatchObject({ ok: true, said: "" });
    expect(rules(world).map(({ ref }) => ref)).toContain("theirs");
  });

  test("written again and again end the attempt, and ours are not lost", async () => {
    const world = await atStage("links", "publish k2");
    let count = 0;
    const write = () => {
      count += 1;
      const ref = `theirs-${count}`;
      return writeRules(world, (present) => [
        ...present.map(({ last_updated: _a, version: _v, ...rule }) => rule),
        { ...FOREIGN_RULE, ref },
      ]);
    };
    // The writer's own PUT passes the faults too: every second one is ours.
    const faults: FaultSpec[] = [1, 3, 5, 7, 9].map((nth) => ({
      kind: "foreignWriter",
      when: "before",
      method: "PUT",
      path: "entrypoint",
      nth,
      write,
    }));
    for (const fault of faults) world.edge.faults.add(fault);
    const ledger = await world.ledger();
    const found = await tick(world);
    expect(found).toMatchObject({ ok: false, code: "RULES_CONTENDED" });
    expect(await world.ledger()).toEqual(ledger);
  });
});

describe("resources that are not to be touched", () => {
  test("a second stack in the same zone is refused by the owner's mark", async () => {
    const world = await atStage("asymmetric", "end");
    const store =
      world.local.runner.state().resources.find(({ type }) => type.includes("secretsStore:"))?.id ?? "";
    const other = await openWorld({
      kind: "asymmetric",
      seed: 35,
      local: { shared: world.edge, stack: "prod", config: { "keyturn:secretsStoreId": store } },
    });
    const before = keysAtTheApi(world);
    const run = await other.local.runner.up();
    expect(run.diagnostics.join()).toMatch(
      /OWNED_BY_ANOTHER_STACK: zone \w+ already has a token configuration [\w-]+ for shop by another stack \(keyturn shop\): two stacks must not share a ring in one zone/,
    );
    expect(keysAtTheApi(world)).toEqual(before);
  });

  test.each([
    ["asymmetric", "shop.k2"],
    ["symmetric", "shop.k2"],
    ["symmetric", "shop.k2.kid"],
    ["links", "shop.k2"],
  ] as const)("a tainted key is protected (%s, %s)", async (kind, name) => {
    const world = await atStage(kind, "end");
    world.local.runner.taint(name);
    let run: { diagnostics: readonly string[] } = { diagnostics: [] };
    const changed = await leftAsItWas(world, async () => {
      run = await world.local.runner.up();
    });
    expect(changed).toEqual([]);
    expect(run.diagnostics.join()).toMatch(
      /unable to replace resource ".*" as it is currently marked for protection/,
    );
  });

  test.each(["asymmetric", "symmetric", "links"] as const)(
    "a replaced key of a ring that is not protected never passes for the old one (%s)",
    async (kind) => {
      const from = (await stages(kind)).get("end");
      const config = { "keyturn:deletable": "true" };
      const world = await openWorld({ kind, seed: 36, ...(from ? { from } : {}), local: { config } });
      await world.local.runner.up();
      world.local.runner.taint("shop.k2");
      const before = [keysAtTheApi(world), await world.ledger()];
      const run = await world.local.runner.up();
      expect(run.diagnostics.join()).toMatch(/OTHER_MATERIAL: key k2 of ring shop .*Nothing was written/);
      expect([keysAtTheApi(world), await world.ledger()]).toEqual(before);
    },
  );
});

describe("the rules of ours are changed by somebody else", () => {
  test("a removed one is found by rotate, and a refresh and a plain up bring it back", async () => {
    const world = await atStage("links", "publish k2");
    const wanted = rules(world).map(({ ref }) => ref);
    await writeRules(world, (present) => present.slice(1));
    expect(await tick(world)).toMatchObject({ ok: false, code: "DRIFT" });
    await world.local.runner.refresh();
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(rules(world).map(({ ref }) => ref)).toEqual(wanted);
    expect(await tick(world)).toMatchObject({ ok: true });
  });

  test("a secret that nobody knows is not written over", async () => {
    const world = await atStage("links", "publish k2");
    const sets = world.edge.world.zone(zoneId(world)).rulesets;
    const forge = (set: Ruleset) => ({
      ...set,
      rules: set.rules.map((rule) => ({
        ...rule,
        expression: rule.expression.replace(/(is_timed_hmac_valid_v0\(\s*")[^"]*/g, "$1somebodyElses"),
      })),
    });
    world.edge.world.commitZone(zoneId(world), "rulesets", sets.map(forge));
    const before = keysAtTheApi(world);
    expect(await tick(world)).toMatchObject({ ok: false, code: "DRIFT" });
    expect(keysAtTheApi(world)).toEqual(before);
    expect(JSON.stringify(before)).toContain("somebodyElses");
  });
});
