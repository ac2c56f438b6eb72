import { describe, expect, test } from "vitest";
import type { DeploymentSettings } from "../environment/settings.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { ProblemError } from "../problem/problem.ts";
import type { Advance } from "../ring/advance.ts";
import { type Ledger, ledgerDigest, type Move } from "../ring/ledger.ts";
import { adopt } from "../ring/mirrored.ts";
import { recordOf } from "./definitionRecord.ts";
import { mismatch, PlanRefused, planDeployed, planUpdate, ringLedgerOf, type UpdatePlan } from "./plan.ts";

const STACK = "organization/keyturn/dev";
const ZONE = {
  id: "0".repeat(32),
  name: "example.com",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
} as const;
const SETTINGS: DeploymentSettings = {
  environment: { stack: "dev", zones: [ZONE], hosts: {}, mode: "block" },
  accountId: "0".repeat(32),
  deletable: false,
};

const TEXT = `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d }, signer: { output: true } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: orders, match: { path: /orders/* }, require: { ring: shop } }
`;

type Outputs = Readonly<Record<string, unknown>>;

const sourceOf = (text: string, settings = SETTINGS) => ({
  files: [{ path: "rules/api.yaml", text }],
  settings,
  changesAtMost: { amount: 50, unit: "endpoints" } as const,
});

function up(text: string, last: Outputs, settings = SETTINGS): UpdatePlan {
  return planUpdate({ source: () => sourceOf(text, settings), stack: STACK, last, advance: undefined });
}

/** The outputs after an update that went as planned. */
function outputs({ ledger, deployed, record }: UpdatePlan): Outputs {
  const { definitions, definitionFiles } = record ?? {};
  return JSON.parse(JSON.stringify({ ledger, deployed, definitions, definitionFiles }));
}

function advanceOn(last: Outputs, move: Move, change: Partial<Advance> = {}): Advance {
  const ring = ringLedgerOf(planDeployed(STACK, last).ledger, { id: "shop" } as never);
  const [serial, ledger] = [ring.serial + 1, ledgerDigest(ring)];
  return { format: 1, stack: STACK, ring: "shop", serial, ledger, move, ...change };
}

/** An advance reads nothing from disk. */
function move(last: Outputs, advance: Advance): UpdatePlan {
  const source = () => {
    throw new Error("an advance asked for the files");
  };
  return planUpdate({ source, stack: STACK, last, advance: JSON.stringify(advance) });
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PlanRefused || error instanceof ProblemError) return error.message;
    throw error;
  }
  return "ok";
}

const FRESH = outputs(up(TEXT, {}));
const AT = "2026-01-01T00:00:00.000Z";
const VERIFY: Move = { kind: "verify", key: "k1", evidence: { publishedAt: AT, provedAt: AT } };
const VERIFIED = outputs(move(FRESH, advanceOn(FRESH, VERIFY)));
const ACTIVE = outputs(move(VERIFIED, advanceOn(VERIFIED, { kind: "promote", key: "k1" })));
const statesOf = ({ ledger }: UpdatePlan) =>
  ledger.rings.shop?.keys.map(({ name, state }) => `${name} ${state}`);

test("an advance works from the overrides of rings that are deployed", () => {
  const settings: DeploymentSettings = {
    ...SETTINGS,
    environment: {
      ...SETTINGS.environment,
      rings: { shop: { issuer: ["https://stage.example/"], audience: ["stage"] } },
    },
  };
  const deployed = outputs(up(TEXT, {}, settings));
  const { definitions, record } = move(deployed, advanceOn(deployed, VERIFY));
  expect(definitions.rings).toMatchObject([{ issuers: ["https://stage.example/"], audiences: ["stage"] }]);
  expect(record?.definitions.settings).toEqual(settings);
});

test("keys are fetched before a first deploy, and not where the record of what is deployed was lost", () => {
  const { definitions: _lost, ...rest } = ACTIVE;
  const { ledger } = rest as unknown as { readonly ledger: Ledger };
  const key = { kid: "a", algorithm: "ES256", size: 0, jwk: { kty: "EC", crv: "P-256" } } as const;
  const { advance } = adopt({ ledger, ring: undefined, id: "staff", now: 0 }, [key], true);
  expect(refusal(() => move(rest, advance))).toMatch(/^NOT_DEPLOYED: /);
  const fresh = { ledger: { ...ledger, rings: {} } };
  const first = adopt({ ledger: fresh.ledger, ring: undefined, id: "staff", now: 0 }, [key], true);
  expect(move(fresh, first.advance).record).toBeUndefined();
});

describe("a plain up", () => {
  test("works from the files, keeps nothing back and moves no ring", () => {
    const plan = up(TEXT, {});
    expect([plan.keeps, plan.moving, statesOf(plan)]).toEqual([false, undefined, ["k1 PUBLISHED"]]);
    expect(plan.deployed[ZONE.id]).toEqual({
      zone: "example.com",
      rings: ["shop"],
      enforced: {},
      deletable: false,
    });
    expect(outputs(up(TEXT, ACTIVE))).toEqual({ ...ACTIVE, deployed: up(TEXT, ACTIVE).deployed });
  });

  test("refuses by a rule once its ring has an ACTIVE key, at a place that is known", () => {
    const plan = up(TEXT, ACTIVE);
    expect(plan.deployed[ZONE.id]?.enforced).toEqual({ orders: "shop" });
    expect(refusal(() => up(TEXT.replace("header authorization", "header x-token"), ACTIVE))).toMatch(
      /^RING_NEW_IN_ZONE: rule orders /,
    );
  });

  test("stops with every problem of the definitions, and of what they compile to", () => {
    const broken = TEXT.replace("ES256", "HS1").replace("match", "mach");
    const said = refusal(() => up(broken, FRESH));
    expect(said.match(/^rules\/api\.yaml:\d+:\d+ [A-Z_]+/gm)?.length).toBeGreaterThanOrEqual(2);
    const tight = {
      ...SETTINGS,
      environment: { ...SETTINGS.environment, zones: [{ ...ZONE, limits: { expressionLength: 50 } }] },
    };
    expect(refusal(() => up(TEXT, FRESH, tight))).toMatch(
      /^rules\/api\.yaml:\d+:\d+ EXPRESSION_TOO_LONG: the rule .* and Cloudflare takes 50/,
    );
    const pro = { ...SETTINGS, environment: { ...SETTINGS.environment, zones: [{ ...ZONE, addOns: [] }] } };
    expect(refusal(() => up(TEXT, FRESH, pro))).toMatch(/^rules\/api\.yaml:\d+:\d+ [A-Z_]+/);
  });

  test("stops where a ring that was given up is still defined", () => {
    const forget: Move = { kind: "forget", key: "k1", evidence: { observedAt: AT } };
    const forgotten = outputs(move(FRESH, advanceOn(FRESH, forget)));
    expect(refusal(() => up(TEXT, forgotten))).toMatch(/^RING_FORGOTTEN: ring shop was given up/);
    expect(refusal(() => up(TEXT, FRESH))).toBe("ok");
  });

  test("stops where outstanding tokens would be refused, unless what is deployed cannot be read", () => {
    const other = TEXT.replace("lifetime: 15m", "lifetime: 15m, scope: { claim: scp }").replace(
      "require: { ring: shop }",
      "require: { ring: shop, scope: a }",
    );
    expect(refusal(() => up(other, ACTIVE))).toMatch(/^RING_CHANGED: ring shop .*how scopes stand/);
    const { definitions: _none, ...unread } = ACTIVE;
    expect(refusal(() => up(other, unread))).toBe("ok");
    expect(refusal(() => up(other, BROKEN))).toBe("ok");
  });

  test("goes on accepting an audience and an issuer that were left out, until they have ended", () => {
    const other = TEXT.replace("audience: api", "audience: web").replace("a.example", "b.example");
    const expression = (plan: UpdatePlan) => plan.desired.zones[0]?.rules[CUSTOM_PHASE].at(-1)?.expression;
    const asks = (issuers: string, audiences: string) => {
      const both = TEXT.replace("audience: api", `audience: ${audiences}`);
      return expression(up(both.replace("https://a.example/", issuers), ACTIVE));
    };
    const both = asks("[https://b.example/, https://a.example/]", "[web, api]");
    expect(both).toContain('== "https://a.example/") or any(');
    const left = outputs(up(other, ACTIVE));
    expect(expression(up(other, ACTIVE))).toBe(both);
    const seen = outputs(
      move(left, advanceOn(left, { kind: "leave", key: "k1", evidence: { observedAt: AT } })),
    );
    expect(expression(up(other, seen))).toBe(both);
    const end: Move = { kind: "end", key: "k1", over: true, evidence: { observedAt: AT } };
    const ended = outputs(move(seen, advanceOn(seen, end)));
    expect(expression(up(other, ended))).not.toMatch(/"api"|a\.example\//);
    // Who goes back to what was there a moment ago refuses nobody either.
    expect(expression(up(TEXT, left))).toBe(asks("[https://a.example/, https://b.example/]", "[api, web]"));
  });

  test("accepts nothing besides of a ring whose rules have refused nobody yet, nor of a ledger that does not say", () => {
    const other = TEXT.replace("audience: api", "audience: web");
    expect(up(other, FRESH).ledger.rings.shop?.accepts).toEqual([
      { claim: "iss", value: "https://a.example/" },
      { claim: "aud", value: "web" },
    ]);
    const before = JSON.parse(JSON.stringify(ACTIVE));
    delete before.ledger.rings.shop.accepts;
    before.ledger.format = 3;
    expect(refusal(() => up(other, before))).toMatch(/^RING_CHANGED: ring shop .*the audience/);
  });

  test("stops at outputs that are not to be used", () => {
    expect(refusal(() => up(TEXT, { jwks: {} }))).toMatch(/^LEDGER_LOST: /);
    expect(refusal(() => up(TEXT, { ...FRESH, deployed: 7 }))).toMatch(/^LEDGER_UNREADABLE: /);
  });
});

/** The outputs with other files in the record, as an older version may have deployed them. */
function recorded(last: Outputs, text: string, compiled = "0".repeat(16)): Outputs {
  return { ...last, ...recordOf(sourceOf(text), compiled, {}) };
}

const BROKEN = recorded(ACTIVE, TEXT.replace("require: { ring: shop }", "require: { ring: nobody }"));

test("rules ask the key of tomorrow first", () => {
  const links = `keys:
  shop: { hmac: { parameter: verify, lifetime: 3h, bind: [path] }, rotation: { every: 30d }, signer: { output: true } }
host: api.example.com
rules:
  - { id: files, match: { path: /files/* }, require: { link: shop } }
`;
  const moves: Move[] = [
    VERIFY,
    { kind: "promote", key: "k1" },
    { kind: "generate", key: "k2" },
    { kind: "publish", key: "k2" },
  ];
  const last = moves.reduce(
    (before, each) => outputs(move(before, advanceOn(before, each))),
    outputs(up(links, {})),
  );
  const secrets = JSON.stringify(up(links, last).desired).match(/secret:shop\/k\d/g) ?? [];
  expect(secrets.slice(0, 2)).toEqual(["secret:shop/k2", "secret:shop/k1"]);
});

describe("an advance", () => {
  const generate: Move = { kind: "generate", key: "k2" };

  test("works from what is deployed, moves its ring and keeps all else", () => {
    const plan = move(ACTIVE, advanceOn(ACTIVE, generate));
    expect([plan.keeps, plan.moving, statesOf(plan)]).toEqual([true, "shop", ["k1 ACTIVE", "k2 GENERATED"]]);
    expect([plan.record?.definitions, plan.record?.definitionFiles]).toEqual([
      ACTIVE.definitions,
      ACTIVE.definitionFiles,
    ]);
  });

  test("that only repairs moves no ring", () => {
    expect(move(ACTIVE, advanceOn(ACTIVE, generate, { repair: true })).moving).toBeUndefined();
  });

  test("that is not one, or does not fit, is refused", () => {
    const read = (advance: string) => () =>
      planUpdate({ source: () => sourceOf(TEXT), stack: STACK, last: ACTIVE, advance });
    expect(refusal(read("{"))).toMatch(/^ADVANCE_UNREADABLE: KEYTURN_ADVANCE is not an advance/);
    expect(refusal(() => move(ACTIVE, advanceOn(ACTIVE, generate, { ledger: "0" })))).toMatch(
      /^ADVANCE_STALE: /,
    );
    expect(refusal(() => move({}, advanceOn(ACTIVE, generate)))).toMatch(/^NOT_DEPLOYED: /);
  });

  test("stops where this program compiles other rules than are deployed, unless only keys are touched", () => {
    const other = recorded(ACTIVE, TEXT);
    const advance = advanceOn(ACTIVE, generate);
    expect(refusal(() => move(other, advance))).toMatch(
      /^DEPLOYED_DIFFERS: .*`keyturn revoke` works meanwhile/,
    );
    expect(statesOf(move(other, { ...advance, keysOnly: true }))).toEqual(["k1 ACTIVE", "k2 GENERATED"]);
    expect(mismatch(planDeployed(STACK, other))?.code).toBe("DEPLOYED_DIFFERS");
    expect(mismatch(planDeployed(STACK, ACTIVE))).toBeUndefined();
  });

  test("stops where the deployed definitions are refused, or leave a token configuration behind", () => {
    expect(refusal(() => planDeployed(STACK, BROKEN))).toMatch(
      /^DEPLOYED_UNREADABLE: .*:\nrules\/api\.yaml:6:\d+ /,
    );
    const deployed = {
      [ZONE.id]: { zone: "example.com", rings: ["other", "shop"], enforced: {}, deletable: false },
    };
    expect(refusal(() => planDeployed(STACK, { ...ACTIVE, deployed }))).toMatch(
      /^RING_LEFT_ZONE: ring other /,
    );
  });
});
