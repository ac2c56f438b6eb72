import { describe, expect, test } from "vitest";
import { compile } from "../compile/compile.ts";
import type { RingStates } from "../compile/types.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { changesSafely, type Deployed, deploying, readDeployed, type Settled } from "./deployed.ts";

const ZONE = {
  id: "0".repeat(32),
  name: "example.com",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
} as const;
const ENVIRONMENT: Environment = { stack: "dev", zones: [ZONE] };

const ready = { active: true, everBlocked: true, keys: [{ name: "k1" }] };
const fresh = { active: false, everBlocked: false, keys: [{ name: "k1" }] };
const STATES: RingStates = { shop: ready, staff: fresh };

function read(rule: string, environment: Environment = ENVIRONMENT) {
  const text = `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
  staff: { was: crew, algorithm: ES256, tokens: { issuer: https://b.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
host: api.example.com
tokens: [{ ring: shop, in: [header authorization] }, { ring: staff, in: [header x-staff] }]
rules:
  - ${rule}
`;
  const { definitions, problems } = loadDefinitions([{ path: "rules/api.yaml", text }], environment);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return definitions;
}

function plan(rule: string, states = STATES, environment = ENVIRONMENT) {
  const definitions = read(rule, environment);
  const desired = compile(definitions, environment, states);
  return { definitions, states, environment, next: deploying(definitions, environment, states, desired) };
}

function judge(
  previous: Deployed,
  { definitions, environment, states, next }: ReturnType<typeof plan>,
  settled?: Settled,
) {
  return changesSafely(previous, next, definitions, environment, states, new Set(), settled);
}

const RULE = "{ id: orders, match: { path: /orders/* }, require: { ring: shop } }";
const before = plan(RULE).next;

test("the record names each zone's configurations, and the ring that each acting rule asks, by their first ids", () => {
  const limited =
    "{ id: sales, was: orders, match: { path: /orders/* }, require: { ring: staff }, rateLimit: { per: ip, requests: 5, every: 1m } }";
  const states = { shop: ready, staff: ready };
  expect(plan(limited, states).next).toEqual({
    [ZONE.id]: {
      zone: "example.com",
      rings: ["crew", "shop"],
      enforced: { orders: "crew", "rate/orders": "crew" },
      deletable: false,
    },
  });
});

test("a raw expression refuses without a ring; what only logs or is off is not in the record", () => {
  const enforced = (rule: string) => plan(rule).next[ZONE.id]?.enforced;
  expect(enforced("{ id: a, match: { path: /a }, expression: ip.src eq 192.0.2.1 }")).toEqual({ a: "" });
  expect(enforced(RULE.replace("shop }", "shop }, mode: challenge"))).toEqual({ orders: "shop" });
  expect(enforced(RULE.replace("shop }", "shop }, mode: log"))).toEqual({});
  expect(enforced(RULE.replace("shop }", "shop }, mode: off"))).toEqual({});
  const later = "mode: { first: log, block: 2030-01-01T00:00:00Z }";
  expect(enforced(RULE.replace("shop }", `shop }, ${later}`))).toEqual({ orders: "shop" });
  expect(enforced(RULE.replace("shop", "staff"))).toEqual({});
});

describe("a rule that has refused", () => {
  const toStaff = RULE.replace("shop", "staff");

  test("does not take a ring without an ACTIVE key", () => {
    expect(judge(before, plan(toStaff))).toMatchObject({
      ok: false,
      code: "RULE_WOULD_OPEN",
      message: expect.stringMatching(
        /^rule orders \(rules\/api\.yaml:7:\d+\) refuses .* Keep ring shop in it/,
      ),
    });
  });

  test("nor under a new id that says what it was", () => {
    const renamed = toStaff.replace("id: orders", "id: sales, was: orders");
    expect(judge(before, plan(renamed))).toMatchObject({ code: "RULE_WOULD_OPEN" });
  });

  test("nor in the place of a raw expression, nor for its rate limit", () => {
    const raw = plan("{ id: orders, match: { path: /orders/* }, expression: ip.src eq 192.0.2.1 }").next;
    expect(judge(raw, plan(toStaff))).toMatchObject({
      message: expect.stringContaining("Keep what it asked before in it"),
    });
    const limit = (ring: string) =>
      `{ id: orders, match: { path: /orders/* }, require: { ring: shop }, rateLimit: { per: token sub, requests: 5, every: 1m }${ring} }`;
    const limited = plan(limit("")).next;
    expect(limited[ZONE.id]?.enforced).toEqual({ orders: "shop", "rate/orders": "shop" });
    const switched = plan(limit("").replace("ring: shop", "ring: staff"));
    expect(judge(limited, switched)).toMatchObject({
      message: expect.stringMatching(/^rule orders .*\nthe rate limit of rule orders/s),
    });
  });

  test("takes it once its key is ACTIVE, or when its mode is lowered by hand, in the rule or for the stack", () => {
    expect(judge(before, plan(toStaff, { shop: ready, staff: ready }))).toEqual({ ok: true });
    expect(judge(before, plan(toStaff.replace("staff }", "staff }, mode: log")))).toEqual({ ok: true });
    expect(judge(before, plan(toStaff, STATES, { ...ENVIRONMENT, mode: "log" }))).toEqual({ ok: true });
  });

  test("which one that never has refused may do", () => {
    expect(judge({}, plan(toStaff))).toEqual({ ok: true });
    const logged = plan(RULE.replace("shop }", "shop }, mode: log")).next;
    expect(judge(logged, plan(toStaff))).toEqual({ ok: true });
  });
});

describe("a rule that takes tokens of one of several rings", () => {
  const either =
    "{ id: orders, match: { path: /orders/* }, require: { any: [{ ring: staff }, { ring: shop }] } }";
  const both = either.replace("any", "all");

  test("goes on refusing while a ring without an ACTIVE key is one of the alternatives, not where it is needed", () => {
    expect(judge(before, plan(either))).toEqual({ ok: true });
    expect(judge(before, plan(both))).toMatchObject({ code: "RULE_WOULD_OPEN" });
    expect(JSON.stringify(judge(before, plan(both)))).toContain("and ring staff, which it now names");
  });

  test("waits for each ring at work: the zone must know the places of all", () => {
    const active = { shop: ready, staff: ready };
    const settled = { shop: [`${ZONE.id} header authorization`], crew: [] };
    const judged = (rule: string, known: Settled) => judge(before, plan(rule, active), known);
    expect(judged(either, settled)).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judged(both, settled)).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judged(either, { ...settled, crew: [`${ZONE.id} header x-staff`] })).toEqual({ ok: true });
  });
});

describe("a rule by a ring that the zone does not know yet", () => {
  const zone = before[ZONE.id] as Deployed[string];
  const elsewhere = (rings: string[]) => ({ [ZONE.id]: { ...zone, rings, enforced: {} } });

  test("does not refuse at once, whether the zone is new or the ring is new in it", () => {
    const gone = { ...zone, zone: "example.org", deletable: true };
    for (const previous of [elsewhere(["crew"]), { other: gone }])
      expect(judge(previous, plan(RULE))).toEqual({
        ok: false,
        code: "RING_NEW_IN_ZONE",
        message:
          "rule orders (rules/api.yaml:7:11) would refuse by ring shop, whose tokens not every point of presence of example.com is known to read there: valid tokens would be refused. First deploy it with `mode: log`, ring shop under the `tokens` of api.example.com; `keyturn rotate shop` records when it is known everywhere (`settle`), and then the rule may refuse",
      });
  });

  test("may log, and refuse once the zone knows the ring by its first id, or as long as nothing is deployed", () => {
    expect(judge(elsewhere(["crew"]), plan(RULE.replace("shop }", "shop }, mode: log")))).toEqual({
      ok: true,
    });
    const byStaff = plan(RULE.replace("shop", "staff"), { shop: ready, staff: ready });
    expect(judge(elsewhere(["shop"]), byStaff)).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judge(elsewhere(["crew", "shop"]), byStaff)).toEqual({ ok: true });
    expect(judge({}, plan(RULE))).toEqual({ ok: true });
  });
});

describe("a rule by a ring at work, at a place of its tokens", () => {
  const [header, cookie] = [`${ZONE.id} header authorization`, `${ZONE.id} cookie session`];
  const zone = before[ZONE.id] as Deployed[string];
  const logging = { [ZONE.id]: { ...zone, enforced: {} } };

  test("begins to refuse only once every point of presence is known to read it", () => {
    expect(judge(logging, plan(RULE), { shop: [] })).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judge(logging, plan(RULE), { shop: [cookie] })).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judge(logging, plan(RULE), { shop: [header] })).toEqual({ ok: true });
  });

  test("goes on refusing while a place is new beside a known one, not where all are new", () => {
    const two = plan(RULE);
    const [use] = two.definitions.hosts[0]?.tokens ?? [];
    if (use !== undefined)
      Object.assign(use, { sources: [...use.sources, { kind: "cookie", name: "session" }] });
    expect(judge(before, two, { shop: [header] })).toEqual({ ok: true });
    expect(judge(logging, two, { shop: [header] })).toMatchObject({ code: "RING_NEW_IN_ZONE" });
    expect(judge(before, two, { shop: [] })).toMatchObject({ code: "RING_NEW_IN_ZONE" });
  });
});

describe("a zone", () => {
  const other = { zone: "example.org", rings: [], enforced: {}, deletable: false };

  test("is not left behind, unless it was made deletable", () => {
    const zones = { ...before, other };
    expect(judge(zones, plan(RULE))).toMatchObject({ code: "ZONE_MISSING" });
    expect(judge({ ...before, other: { ...other, deletable: true } }, plan(RULE))).toEqual({ ok: true });
  });

  test("keeps its name and its configurations", () => {
    const zone = { ...(before[ZONE.id] ?? other) };
    const renamed = { [ZONE.id]: { ...zone, zone: "example.net", deletable: true } };
    expect(judge(renamed, plan(RULE))).toMatchObject({ code: "ZONE_RENAMED" });
    const left = { [ZONE.id]: { ...zone, rings: ["crew", "gone"] } };
    expect(judge(left, plan(RULE))).toMatchObject({
      code: "RING_LEFT_ZONE",
      message: expect.stringMatching(/^ring gone has/),
    });
  });
});

test("a record that was changed by hand is refused, and none yet is an empty one", () => {
  expect(readDeployed({})).toEqual({ ok: true, deployed: {} });
  expect(readDeployed({ deployed: before })).toEqual({ ok: true, deployed: before });
  expect(readDeployed({ deployed: { a: { zone: 1 } } })).toMatchObject({
    ok: false,
    code: "LEDGER_UNREADABLE",
  });
});

test("what was changed by hand is named", () => {
  expect(readDeployed({ deployed: { a: { zone: 1 } } })).toMatchObject({
    message: expect.stringMatching(
      /^the stack's output `deployed` was changed by hand \(a\.zone: .*expected string.*\); restore it/,
    ),
  });
});

test("a ring that was given up does not come back, and may leave its zone", () => {
  const { definitions, states, environment, next } = plan(RULE);
  const forgotten = (ids: readonly string[], previous = before) =>
    changesSafely(previous, next, definitions, environment, states, new Set(ids));
  expect(forgotten(["crew"])).toEqual({
    ok: false,
    code: "RING_FORGOTTEN",
    message:
      "ring staff was given up (`keyturn forget`), and these definitions have it: update this checkout, or take the ring out. A ring that is to come back needs another id",
  });
  const zone = before[ZONE.id] as Deployed[string];
  const left = { [ZONE.id]: { ...zone, rings: [...zone.rings, "gone"] } };
  expect(forgotten(["gone"], left)).toEqual({ ok: true });
});

test("each zone records the rules of its own hosts", () => {
  const org = { ...ZONE, id: "1".repeat(32), name: "example.org" };
  const environment: Environment = { stack: "dev", zones: [ZONE, org] };
  const text = (host: string, id: string) =>
    `host: ${host}\nrules:\n  - { id: ${id}, match: { path: /a }, expression: ip.src eq 192.0.2.1 }\n`;
  const { definitions } = loadDefinitions(
    [
      { path: "rules/a.yaml", text: text("api.example.com", "here") },
      { path: "rules/b.yaml", text: text("api.example.org", "there") },
    ],
    environment,
  );
  const next = deploying(definitions, environment, {}, compile(definitions, environment, {}));
  expect(Object.values(next).map(({ zone, enforced }) => [zone, enforced])).toEqual([
    ["example.com", { here: "" }],
    ["example.org", { there: "" }],
  ]);
});

test("what asks no token may refuse at once: an expression, and a link, whose secret stands in the rule", () => {
  const logging = { [ZONE.id]: { ...(before[ZONE.id] as Deployed[string]), enforced: {} } };
  const raw = "{ id: a, match: { path: /a }, expression: ip.src eq 192.0.2.1 }";
  expect(judge(logging, plan(raw), { shop: [] })).toEqual({ ok: true });
  const text = `keys:
  files: { hmac: { parameter: verify, lifetime: 3h, bind: [path] }, rotation: { every: 30d } }
host: api.example.com
rules:
  - { id: files, match: { path: /files/* }, require: { link: files } }
`;
  const { definitions } = loadDefinitions([{ path: "rules/api.yaml", text }], ENVIRONMENT);
  const states = { files: ready };
  const next = deploying(definitions, ENVIRONMENT, states, compile(definitions, ENVIRONMENT, states));
  expect(next[ZONE.id]?.enforced).toEqual({ files: "files" });
  const elsewhere = { [ZONE.id]: { zone: "example.com", rings: [], enforced: {}, deletable: false } };
  expect(changesSafely(elsewhere, next, definitions, ENVIRONMENT, states)).toEqual({ ok: true });
});

test("an expression that names a ring waits for the zone's configuration: it says of no place where tokens are", () => {
  const raw = `{ id: a, match: { path: /a }, expression: 'len(http.request.jwt.claims["\${config:shop}"][0]) == 0' }`;
  const known = [`${ZONE.id} header authorization`, `${ZONE.id} cookie session`];
  const { definitions, ...rest } = plan(raw);
  const placeless = { ...definitions, hosts: definitions.hosts.map((host) => ({ ...host, tokens: [] })) };
  const zone = { ...(before[ZONE.id] as Deployed[string]), enforced: {} };
  const judged = (rings: string[]) =>
    judge({ [ZONE.id]: { ...zone, rings } }, { ...rest, definitions: placeless }, { shop: known });
  expect(judged(["crew"])).toMatchObject({ code: "RING_NEW_IN_ZONE" });
  expect(judged(["crew", "shop"])).toEqual({ ok: true });
});
