import { describe, expect, test, vi } from "vitest";
import type { RulesetRule } from "../../edge/index.ts";
import { native } from "../support/native.ts";

const { atStage } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { zoneId } = native<typeof import("../support/shape.ts")>("tests/support/shape.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { readStatus, renderStatus } =
  native<typeof import("../../scripts/status/status.ts")>("scripts/status/status.ts");
const { renderRotation } = native<typeof import("../../scripts/rotate/renderRotation.ts")>(
  "scripts/rotate/renderRotation.ts",
);

vi.setConfig({ testTimeout: 120_000 });

type World = Awaited<ReturnType<typeof atStage>>;

const CUSTOM = "http_request_firewall_custom";
const SKIP = {
  ref: "theirs",
  description: "not ours",
  expression: 'http.host eq "api.example.com"',
  action: "skip",
  action_parameters: { ruleset: "current" },
  enabled: true,
};

/** Somebody else writes a phase of the zone or of the account. */
async function write(world: World, phase: string, rules: object[], scope = `zones/${zoneId(world)}`) {
  const answer = await world.edge.fetch(
    `https://local.invalid/client/v4/${scope}/rulesets/phases/${phase}/entrypoint`,
    {
      method: "PUT",
      headers: {
        authorization: `Bearer ${world.local.config["cloudflare:apiToken"]}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ rules }),
    },
  );
  if (!answer.ok) throw new Error(await answer.text());
}

function rules(world: World): readonly RulesetRule[] {
  return world.edge.world.zone(zoneId(world)).rulesets.find((set) => set.phase === CUSTOM)?.rules ?? [];
}

const sendable = ({ last_updated: _at, version: _version, ...rule }: RulesetRule) => rule;

/** A world at rest in which somebody has put `theirs` before our rules and `behind` after them. */
async function overtaken(
  kind: "links" | "asymmetric",
  theirs: object[],
  behind: object[] = [],
): Promise<World> {
  const world = await atStage(kind, "end");
  await write(world, CUSTOM, [...theirs, ...rules(world).map(sendable), ...behind]);
  return world;
}

const status = async (world: World) => renderStatus(await readStatus(world.rotation));

const passes = async (world: World) => {
  world.clock.advance(3_600_000);
  return (await world.edge.handle(new Request("https://api.example.com/orders/1"), {})).status === 200;
};

describe("somebody's skip rule before ours", () => {
  test.each(["links", "asymmetric"] as const)(
    "opens the zone, is found, and the next up puts ours first (%s)",
    async (kind) => {
      const world = await overtaken(kind, [SKIP], [{ ...SKIP, ref: "behind" }]);
      const theirs = rules(world)
        .filter(({ ref }) => !ref.startsWith("keyturn:"))
        .map(sendable);
      expect(await passes(world)).toBe(true);
      const said = `RULES_OVERTAKEN: rule theirs (skip) of somebody else stands in front of ours in phase ${CUSTOM} of zone example.com: what it matches may pass without a token. \`pulumi up\` puts ours first and leaves it as it is; then find out who put it there`;
      const result = await rotate(world.rotation);
      expect([result.ok, renderRotation(result)]).toEqual([false, expect.stringContaining(said)]);
      expect(await status(world)).toContain(said);
      expect((await world.local.runner.preview()).changes).toMatchObject({ update: 1 });
      expect(await world.local.runner.up()).toMatchObject({ ok: true, changes: { update: 1 } });
      expect(rules(world).slice(-2).map(sendable)).toEqual(theirs);
      expect(await passes(world)).toBe(false);
      expect(await rotate(world.rotation)).not.toHaveProperty("inFront");
      expect(await status(world)).not.toContain("RULES_");
      expect((await world.local.runner.preview()).changes).not.toHaveProperty("update");
    },
  );

  test("is noted by a refresh", async () => {
    const world = await overtaken("asymmetric", [SKIP]);
    await world.local.runner.refresh();
    const noted = world.local.runner.state().resources.find(({ urn }) => urn.endsWith(`.${CUSTOM}`))
      ?.outputs.drift;
    expect(noted).toBe("rules of others in front: theirs");
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(rules(world).at(-1)?.ref).toBe("theirs");
  });

  test("of no effect, or behind ours, is nobody's business", async () => {
    const off = { ...SKIP, ref: "off", enabled: false };
    const { action_parameters: _none, ...plain } = SKIP;
    const world = await overtaken("asymmetric", [off, { ...plain, ref: "log", action: "log" }], [SKIP]);
    expect(await rotate(world.rotation)).not.toHaveProperty("inFront");
    const writes = world.writes.length;
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(world.writes.length).toBe(writes);
  });

  test("that answers itself hides ours", async () => {
    const { action_parameters: _none, ...plain } = SKIP;
    const world = await overtaken("asymmetric", [{ ...plain, action: "block" }]);
    expect((await rotate(world.rotation)).inFront).toEqual([
      {
        code: "RULES_OVERTAKEN",
        message: expect.stringContaining("it answers in the place of ours, the canary's too"),
      },
    ]);
  });
});

describe("what no order of ours changes", () => {
  const account = (world: World) => `accounts/${world.local.config["keyturn:accountId"]}`;
  const { action_parameters: _none, ...plain } = SKIP;

  test("is said on every tick and in the status, and holds nothing up", async () => {
    const world = await atStage("asymmetric", "end");
    const redirect = {
      ...plain,
      action: "redirect",
      action_parameters: {
        from_value: { target_url: { value: "https://www.example.com/" }, status_code: 301 },
      },
    };
    const rewrite = { ...plain, action: "rewrite", action_parameters: { uri: { path: { value: "/new" } } } };
    await write(world, "http_request_dynamic_redirect", [redirect]);
    await write(world, "http_request_transform", [rewrite]);
    await write(world, CUSTOM, [{ ...plain, action: "block" }], account(world));
    const result = await rotate(world.rotation);
    expect(result.ok).toBe(true);
    expect(result.inFront?.map(({ code, message }) => `${code}: ${message.split(" ours see")[0]}`)).toEqual([
      "RULES_PRECEDED: rule theirs (redirect) in phase http_request_dynamic_redirect of zone example.com redirects requests before",
      "RULES_PRECEDED: rule theirs (rewrite) in phase http_request_transform of zone example.com rewrites requests before",
      `RULES_PRECEDED: rule theirs (block) in phase ${CUSTOM} of the account acts on requests before`,
    ]);
    expect(await status(world)).toContain(result.inFront?.[0]?.message);
  });

  test("and may not be read is said to be unread", async () => {
    const world = await atStage("asymmetric", "end");
    world.edge.faults.add({ kind: "permissionLoss", method: "GET", path: "/accounts/" });
    const { ok, inFront } = await rotate(world.rotation);
    expect([ok, inFront]).toEqual([
      true,
      [
        {
          code: "RULES_PRECEDED",
          message: `the rules of phase ${CUSTOM} of the account act before ours, and the API token may not read them: what they do is not known`,
        },
      ],
    ]);
  });
});
