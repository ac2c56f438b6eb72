import { beforeEach, describe, expect, test } from "vitest";
import type { Provider } from "../../lab/engine/provider.ts";
import { native } from "../../tests/support/native.ts";

const { serialized } = native<typeof import("../../tests/support/serialized.ts")>(
  "tests/support/serialized.ts",
);
const { createLocal } = native<typeof import("../../lab/local/local.ts")>("lab/local/local.ts");
const { phaseRulesProvider } = native<typeof import("./phaseRules.ts")>("infra/providers/phaseRules.ts");

const ZONE = "023e105f4ecef8ad9ca31a8372d0c353";
const PHASE = "http_request_firewall_custom";
const [S1, S2, FOREIGN] = ["1", "2", "9"].map((digit) => digit.repeat(64)) as [string, string, string];

const check = (key: string) =>
  `is_timed_hmac_valid_v0("\${secret:files/${key}}", http.request.uri, 600, http.request.timestamp.sec, 8)`;
const rule = (ref: string, expression: string) => ({
  ref: `kt:dev:${ref}`,
  description: "links",
  expression: `not (${expression})`,
  action: "block",
  enabled: true,
});
const INPUTS = {
  zoneId: ZONE,
  phase: PHASE,
  refPrefix: "kt:dev:",
  rules: [rule("links", check("k1"))],
  configurations: {},
  secrets: { "files/k1": S1 },
  known: {},
  rings: { files: { serial: 1, move: { kind: "create", key: "k1" } } },
  enforced: {},
  compiled: "c1",
  deletable: false,
  revision: 1,
};
const PUBLISH = {
  ...INPUTS,
  rules: [rule("links", `${check("k2")} or ${check("k1")}`)],
  secrets: { "files/k1": S1, "files/k2": S2 },
  rings: { files: { serial: 2, move: { kind: "publish", key: "k2" } } },
};

let edge: ReturnType<typeof createLocal>["edge"];
let provider: Provider;

beforeEach(async () => {
  edge = createLocal().edge;
  provider = await serialized(phaseRulesProvider, edge);
});

const present = () =>
  (edge.world.zone(ZONE).rulesets.find(({ phase }) => phase === PHASE)?.rules ?? []) as readonly {
    readonly ref: string;
    readonly expression: string;
  }[];

/** Secrets that stand at Cloudflare, by the digit that they repeat. */
const held = () =>
  [...present().flatMap(({ expression }) => expression.match(/\d(?=\d{63}")/g) ?? [])].join("");

/** Somebody writes other secrets into our rule, by the digits that they repeat. */
function overwrite(...digits: string[]): void {
  const rulesets = edge.world.zone(ZONE).rulesets.map((ruleset) =>
    ruleset.phase === PHASE
      ? {
          ...ruleset,
          version: String(Number(ruleset.version) + 1),
          rules: ruleset.rules.map((each) => ({
            ...each,
            expression: `not (${digits.map((digit) => check("k").replace(/\$\{.*\}/, digit.repeat(64))).join(" or ")})`,
          })),
        }
      : ruleset,
  );
  edge.world.commitZone(ZONE, "rulesets", rulesets as never);
}

describe("secrets that stand in our rules", () => {
  test("are exchanged where they are what the state says", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    expect(held()).toBe("1");
    await provider.update(id, outputs, PUBLISH);
    expect(held()).toBe("21");
  });

  test.each<[string, string[]]>([
    ["one that nobody knows", ["9", "1"]],
    ["one of this run's without one that stays", ["2"]],
  ])("with %s are not written over, unless the move says so", async (_label, digits) => {
    const { id, outputs } = await provider.create(INPUTS);
    overwrite(...digits);
    const before = present();
    await expect(provider.update(id, outputs, PUBLISH)).rejects.toThrow(
      /^DRIFT: the rules of ours in phase http_request_firewall_custom of zone .* do not check links with the secrets that the state or this run says \(\d unknown, \d missing\)\. Nothing was written\./,
    );
    expect(present()).toEqual(before);
    const move = { ...PUBLISH.rings.files.move, over: true, at: "T" };
    await provider.update(id, outputs, { ...PUBLISH, rings: { files: { serial: 2, move } } });
    expect(held()).toBe("21");
  });

  test("may be one that exists and stands in no rule: a run that died has written it", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    overwrite("9", "1");
    await provider.update(id, outputs, { ...PUBLISH, known: { "files/k3": FOREIGN } });
    expect(held()).toBe("21");
  });

  test("which were written over or found changed begin their time anew", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    const stamp = async (olds: object, news: object) => {
      (edge.clock as { advance?(ms: number): void }).advance?.(60_000);
      const { outputs: updated } = await provider.update(id, { ...outputs, ...olds } as never, {
        ...INPUTS,
        ...news,
      });
      return (updated.readBackAt as Record<string, string>)["files/k1"];
    };
    const former = (outputs.readBackAt as Record<string, string>)["files/k1"] ?? "";
    expect(await stamp({}, { compiled: "c2" })).toBe(former);
    const restore = { files: { serial: 2, move: { kind: "restore", key: "k1" } } };
    for (const found of [await stamp({}, { rings: restore }), await stamp({ drift: "rules x" }, {})])
      expect(Date.parse(found ?? "")).toBeGreaterThan(Date.parse(former));
  });
});

test("rules of the same prefix that are not this stack's are not taken over; those of a killed run are", async () => {
  await provider.create(INPUTS);
  await provider.create(INPUTS);
  await expect(provider.create({ ...INPUTS, rules: [rule("other", check("k1"))] })).rejects.toThrow(
    /^OWNED_BY_ANOTHER_STACK: phase http_request_firewall_custom of zone .* holds 1 rule\(s\) that are not this stack's and begin with its prefix kt:dev: \(kt:dev:links\)/,
  );
  expect(present().map(({ ref }) => ref)).toEqual(["kt:dev:links"]);
});

describe("check", () => {
  const reasons = async (olds: object, news: object) => {
    const { failures } = await provider.check(olds as never, news as never);
    expect(failures.every(({ property }) => property === "rings")).toBe(true);
    return failures.map(({ reason }) => reason?.split(":")[0]);
  };

  test.each<[string, object, object, string[]]>([
    ["first rules", {}, INPUTS, []],
    ["a move", INPUTS, PUBLISH, []],
    ["an older serial", PUBLISH, INPUTS, ["FENCED"]],
    [
      "another secret under a known name",
      INPUTS,
      { ...INPUTS, secrets: { "files/k1": S2 } },
      ["OTHER_MATERIAL"],
    ],
    [
      "a secret that goes",
      PUBLISH,
      { ...INPUTS, rings: { files: { serial: 3, move: { kind: "retire", key: "k2" } } } },
      [],
    ],
    [
      "an advance where nothing is deployed",
      {},
      { ...PUBLISH, keep: { files: ["k2", "k1"] } },
      ["NOT_DEPLOYED"],
    ],
    ["an advance", INPUTS, { ...PUBLISH, keep: { files: ["k2", "k1"] } }, []],
  ])("%s", async (_label, olds, news, expected) => {
    expect(await reasons(olds, news)).toEqual(expected);
  });

  test("an advance of a program that compiles other rules changes nothing but the secrets in the deployed ones", async () => {
    const other = {
      ...PUBLISH,
      rules: [rule("links", "ssl"), rule("new", "ssl")],
      enforced: { x: "y" },
      compiled: "c2",
    };
    const keep = { files: ["k2", "k1"] };
    const checked = async (news: object) => {
      const { __provider: _text, ...inputs } = (await provider.check(INPUTS as never, news as never)).inputs;
      return inputs;
    };
    expect(await checked({ ...other, keep })).toEqual({
      ...PUBLISH,
      rules: [rule("links", `${check("k2")} or ${check("k1")}`)],
    });
    expect(await checked({ ...other, compiled: "c1", keep })).toEqual({ ...other, compiled: "c1" });
  });
});

test("a refresh says what differs of ours, and nothing where nothing does", async () => {
  const { id, outputs } = await provider.create(INPUTS);
  expect((await provider.read(id, outputs))?.properties.drift).toBeUndefined();
  overwrite("9");
  expect((await provider.read(id, outputs))?.properties.drift).toBe("rules kt:dev:links");
});

test("rules that protect a zone are not deleted", async () => {
  const { id, outputs } = await provider.create(INPUTS);
  await expect(provider.delete(id, outputs)).rejects.toThrow(/^NOT_DELETABLE: .*keyturn:deletable true/);
  expect(held()).toBe("1");
  await provider.delete(id, { ...outputs, deletable: true });
  expect(present()).toEqual([]);
});
