import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { openWorld, RING_KINDS } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { atStage, leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { checkout, editOutputs } = native<typeof import("../support/checkouts.ts")>(
  "tests/support/checkouts.ts",
);
const { cutShort } = native<typeof import("../support/cutShort.ts")>("tests/support/cutShort.ts");
const { entryPoints, withoutSecrets } = native<typeof import("../support/entryPoints.ts")>(
  "tests/support/entryPoints.ts",
);
const { activate, openProject, TWO_ZONES } =
  native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { revokeFirst } = native<typeof import("../support/revokeWalk.ts")>("tests/support/revokeWalk.ts");
const { revoke } = native<typeof import("../../scripts/rotate/revoke.ts")>("scripts/rotate/revoke.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { readStatus } = native<typeof import("../../scripts/status/status.ts")>("scripts/status/status.ts");
const { removeTemporaryFolders, temporaryFolder } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 240_000 });
afterAll(removeTemporaryFolders);

type World = Awaited<ReturnType<typeof openWorld>>;
type Kind = (typeof RING_KINDS)[number];

/** What may lie on disk where a cron job runs, by what became of it since the deploy. */
const CHECKOUTS: Readonly<Record<string, (kind: Kind) => string>> = {
  changed: (kind) =>
    checkout(kind, (text) =>
      text
        .replace("/orders/*", "/orders/new/*")
        .replace("rules:", "otherwise: deny\nrules:")
        .replace("lifetime: 3h", "lifetime: 1h")
        .replace("lifetime: 15m", "lifetime: 10m"),
    ),
  broken: (kind) => checkout(kind, (text) => text.replace(/(lifetime|match): /, "$1 ")),
  older: (kind) =>
    checkout(kind, (text) => text.replace("  shop:", "  old:").replaceAll(/(ring|link): shop/g, "$1: old")),
  newer: (kind) =>
    checkout(kind, (text) =>
      text
        .replace("  shop:", "  store:\n    was: shop")
        .replaceAll(/(ring|link): shop/g, "$1: store")
        .replace("rules:", "otherwise: deny\nexcept:\n  - { id: health, match: { path: /health } }\nrules:"),
    ),
  missing: () => join(temporaryFolder("rules"), "none"),
};

function pauseOf(world: World) {
  return async (seconds: number) => void world.clock.advance(1000 * seconds);
}

describe.each([...RING_KINDS])("a ring (%s)", (kind) => {
  test.each(Object.keys(CHECKOUTS))(
    "moves from a checkout with %s rules, and no rule but its secrets' branches changes",
    async (name) => {
      const folder = CHECKOUTS[name]?.(kind) ?? "";
      for (const stage of ["publish k2", "promote k2", "retire k1"]) {
        const world = await atStage(kind, stage, { checkout: folder });
        const before = entryPoints(world);
        const result = await rotate(world.rotation);
        expect([stage, result]).toMatchObject([
          stage,
          { ok: true, rings: [{ ring: "shop", run: { ok: true } }] },
        ]);
        const [written, after] = [withoutSecrets(before), entryPoints(world)];
        expect([stage, withoutSecrets(after)]).toEqual([stage, written]);
        // Rules of tokens name the configuration and no key: they are not even sent.
        if (kind !== "links") expect(after).toEqual(before);
      }
    },
  );

  test.each(Object.keys(CHECKOUTS))(
    "is revoked from a checkout with %s rules, and no rule but its secrets' branches changes",
    async (name) => {
      const world = await atStage(kind, "generate k2", { checkout: CHECKOUTS[name]?.(kind) ?? "" });
      const before = entryPoints(world);
      expect(await revokeFirst(world)).toMatchObject({ ok: true, substituteProved: true });
      const after = entryPoints(world);
      expect(withoutSecrets(after)).toEqual(withoutSecrets(before));
      if (kind === "links") expect(after).not.toEqual(before);
      else expect(after).toEqual(before);
      expect((await readStatus(world.rotation)).rings).toMatchObject([
        { ring: "shop", keys: [{ state: "REVOKED" }, { state: "ACTIVE" }] },
      ]);
    },
  );
});

test("the first promotion lets the deployed rules act, and not those on disk", async () => {
  const changed = checkout("asymmetric", (text) => text.replace("/orders/*", "/orders/new/*"));
  const actions = (world: World) =>
    Object.values(entryPoints(world)).flatMap((sets) =>
      sets.flatMap(({ rules }) => rules.map(({ ref, action }) => `${ref} ${action}`)),
    );
  const here = await atStage("asymmetric", "promote k1");
  const there = await atStage("asymmetric", "promote k1", { checkout: changed });
  const before = actions(there);
  expect(await rotate(here.rotation)).toMatchObject({ ok: true });
  expect(await rotate(there.rotation)).toMatchObject({ ok: true });
  expect(actions(there)).toEqual(actions(here));
  expect(actions(there)).not.toEqual(before);
  expect(JSON.stringify(entryPoints(there))).not.toContain("/orders/new");
});

test("a revocation of links from a checkout without the admin rule leaves the admin path closed", async () => {
  const admin = async (world: World) =>
    (await world.edge.handle(new Request("https://api.example.com/admin/users"), { pop: "AMS" })).status;
  const origin = await openWorld({ kind: "example" });
  await origin.local.runner.up();
  await activate(origin, ["storefront", "internal", "downloads"]);
  const without = checkout("example", (text) =>
    text
      .replace(/ {2}- id: admin\n.*\n.*\n/, "")
      .replace("except:", "except:\n  - { id: admin, match: { path: /admin/* } }"),
  );
  const world = await openWorld({ kind: "example", from: origin.save(), seed: 9, checkout: without });
  world.clock.advance(600_000);
  expect(await admin(world)).toBe(401);
  const revoked = await revoke(world.rotation, { ring: "downloads", key: "k1", pause: pauseOf(world) });
  expect(revoked).toMatchObject({ ok: true });
  world.clock.advance(600_000);
  expect(await admin(world)).toBe(401);
  // What the checkout wants is deployed by the next plain up, and by nothing else.
  expect(await world.local.runner.up()).toMatchObject({ ok: true });
  world.clock.advance(600_000);
  expect(await admin(world)).toBe(200);
});

describe("a half-done step of a link ring, repeated by a cron job from a changed checkout", () => {
  test.each([
    ["publish k2", "effect"],
    ["publish k2", "saved"],
    ["retire k1", "effect"],
    ["retire k1", "saved"],
  ] as const)("%s, cut short at %s of its rules", async (stage, moment) => {
    const origin = await atStage("links", stage);
    let written = false;
    const from = await cutShort(
      origin,
      () => rotate(origin.rotation),
      (at, method, path) => {
        written ||= at === "effect" && method === "PUT" && path.endsWith("/entrypoint");
        return written && at === moment;
      },
    );
    const world = await openWorld({
      kind: "links",
      from,
      seed: 51,
      checkout: CHECKOUTS.changed?.("links") ?? "",
    });
    const before = withoutSecrets(entryPoints(world));
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
    expect(withoutSecrets(entryPoints(world))).toEqual(before);
    expect((await world.ring()).move.kind).toBe(stage.split(" ")[0]);
  });
});

describe("settings changed on disk", () => {
  test.each([
    ["mode", { "keyturn:mode": "log" }],
    ["hosts", { "keyturn:hosts": '{"api.example.com":"other.example.com"}' }],
    ["deletable", { "keyturn:deletable": "true" }],
    ["the Secrets Store", { "keyturn:secretsStoreId": "0".repeat(32) }],
  ])("%s: an advance works with those that were deployed", async (_name, config) => {
    const world = await atStage("links", "publish k2", { local: { config } });
    const before = withoutSecrets(entryPoints(world));
    const settings = (await world.local.runner.outputs()).definitions;
    const inputs = async (name: string) =>
      (await world.local.runner.resources())
        .filter(({ type }) => type.endsWith(":PhaseRules"))
        .map((resource) => resource.inputs[name]);
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
    expect(withoutSecrets(entryPoints(world))).toEqual(before);
    expect((await world.local.runner.outputs()).definitions).toEqual(settings);
    expect(await inputs("deletable")).toEqual([false, false]);
  });
});

describe("the record of what is deployed", () => {
  test("stays to the byte under an advance, and a plain up writes another one", async () => {
    const closed = checkout("links", (text) => text.replace("rules:", "otherwise: deny\nrules:"));
    const world = await atStage("links", "publish k2", { checkout: closed });
    const record = async () => {
      const { definitions, definitionFiles } = await world.local.runner.outputs();
      return { definitions, definitionFiles };
    };
    const before = await record();
    expect(await rotate(world.rotation)).toMatchObject({ ok: true });
    expect(await record()).toEqual(before);
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(await record()).not.toEqual(before);
  });

  test("is missing after an upgrade: no advance is made until a plain up has written it", async () => {
    const world = await atStage("asymmetric", "publish k2");
    editOutputs(world, ({ definitions: _none, definitionFiles: _neither, ...others }) => others);
    const unrecorded = /^NOT_DEPLOYED: .* run `pulumi up` first, which records them$/;
    expect(
      await leftAsItWas(world, async () => {
        await expect(rotate(world.rotation)).rejects.toThrow(unrecorded);
        await expect(revokeFirst(world)).rejects.toThrow(unrecorded);
        await expect(readStatus(world.rotation)).rejects.toThrow(unrecorded);
      }),
    ).toEqual([]);
    const writes = world.writes.length;
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(world.writes.length).toBe(writes);
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
  });

  test("is the former one after a plain up that some of the rules were left out of", async () => {
    const world = await atStage("asymmetric", "publish k2", {
      checkout: CHECKOUTS.changed?.("asymmetric") ?? "",
    });
    const before = (await world.local.runner.outputs()).definitions;
    const targets = ["**::example.com.http_ratelimit"];
    expect(await world.local.runner.up({ targets })).toMatchObject({ ok: true });
    expect((await world.local.runner.outputs()).definitions).toEqual(before);
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
    expect(JSON.stringify(entryPoints(world))).not.toContain("/orders/new");
  });
});

describe("nothing is made that is not deployed", () => {
  const RULES = "example.com.http_request_firewall_custom";

  /** As after `pulumi state delete` of the zone's custom rules. */
  function withoutRules(world: World): void {
    const { runner } = world.local;
    const state = runner.state();
    runner.save({ ...state, resources: state.resources.filter(({ urn }) => !urn.endsWith(`::${RULES}`)) });
  }

  test("rules that the state has lost stop a move of their links, until a plain up has found them again", async () => {
    const world = await atStage("links", "publish k2");
    withoutRules(world);
    const before = entryPoints(world);
    const [outcome] = (await rotate(world.rotation)).rings;
    expect(outcome?.run?.diagnostics.join()).toMatch(
      /NOT_DEPLOYED: the state has no rules of phase .*`pulumi up` first/,
    );
    expect(entryPoints(world)).toEqual(before);
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(entryPoints(world)).toEqual(before);
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
  });

  test("they hold up no ring of tokens, and the outputs say of them what they said before", async () => {
    const world = await atStage("asymmetric", "publish k2");
    withoutRules(world);
    const recorded = async () => {
      const { definitions, deployed } = await world.local.runner.outputs();
      return { definitions, deployed };
    };
    const before = await recorded();
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
    expect(await recorded()).toEqual(before);
  });
});

test("after a plain up that was cut short between two zones, each keeps its rules until the next plain up", async () => {
  const origin = await openProject({ files: TWO_ZONES });
  await origin.local.runner.up();
  await activate(origin, ["shop", "files"]);
  const files = Object.fromEntries(
    Object.entries(TWO_ZONES).map(([name, text]) => [name, text.replaceAll("/*", "/new/*")]),
  );
  const changing = await openProject({ files, from: origin.save() });
  const from = await cutShort(
    changing,
    () => changing.local.runner.up(),
    (moment, method, path) => moment === "saved" && method === "GET" && path.endsWith("/entrypoint"),
  );
  const world = await openProject({ files: TWO_ZONES, from });
  const before = withoutSecrets(entryPoints(world));
  expect(JSON.stringify(before).match(/\/new/g)).not.toBeNull();
  const revoked = await revoke(world.rotation, { ring: "files", key: "k1", pause: pauseOf(world) });
  expect(revoked).toMatchObject({ ok: true });
  expect(await rotate(world.rotation, { rings: ["shop"], force: true })).toMatchObject({ ok: true });
  expect(withoutSecrets(entryPoints(world))).toEqual(before);
  const last = await openProject({ files, from: world.save() });
  expect(await last.local.runner.up()).toMatchObject({ ok: true });
  expect(withoutSecrets(entryPoints(last))).toEqual(withoutSecrets(entryPoints(changing)));
});
