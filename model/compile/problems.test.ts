import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment, Zone } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { formatProblems } from "../problem/problem.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";

function problemsOf(file: object, zone: Partial<Zone> = {}): string {
  const environment: Environment = {
    ...enterprise,
    zones: enterprise.zones.map((each) => ({ ...each, ...zone })),
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file, null, 1) }],
    environment,
  );
  expect(problems).toEqual([]);
  return formatProblems(compile(definitions, environment, assumedRingStates(definitions)).problems);
}

const keys = {
  shop: {
    algorithm: "ES256",
    tokens: { issuer: "a", audience: "b", lifetime: "15m" },
    rotation: { every: "90d" },
  },
};
const host = { host: "api.example.com", tokens: { ring: "shop", in: ["header authorization"] } };
const rule = { id: "orders", match: { path: "/orders" }, require: {} };

test("a rule that fits no expression names its place, its length and the limit", () => {
  const scope = Array.from({ length: 40 }, (_, index) => `scope-${index}`);
  expect(problemsOf({ keys, ...host, rules: [{ ...rule, require: { scope } }] })).toBe(
    `a.yaml:28:15 EXPRESSION_TOO_LONG: the rule keyturn:dev:api.example.com/403/shop/block/all needs 5697 characters, and Cloudflare takes 4096
    use fewer exceptions on the host, or fewer alternatives, scopes, claims and values in one rule`,
  );
});

test("the limit itself still fits", () => {
  const lengthOf = (limit: number) =>
    problemsOf({ keys, ...host, rules: [rule] }, { limits: { expressionLength: limit } });
  const [, needed] = /needs (\d+) characters/.exec(lengthOf(10)) ?? [];
  // The longest of the rules decides.
  const longest = Math.max(...[...lengthOf(10).matchAll(/needs (\d+)/g)].map((found) => Number(found[1])));
  expect(needed).toBeDefined();
  expect(lengthOf(longest)).toBe("");
  expect(lengthOf(longest - 1)).toContain("EXPRESSION_TOO_LONG");
});

test("a zone with room for fewer rules is told how to need fewer", () => {
  expect(problemsOf({ keys, ...host, rules: [rule] }, { limits: { customRules: 3 } })).toBe(
    `a.yaml:25:13 RULES_TOO_MANY: example.com would need 4 custom rules, and the plan enterprise has room for 3
    leave out before, after, expression and differing modes, so that rules share one; or use fewer hosts`,
  );
  expect(problemsOf({ keys, ...host, rules: [rule] }, { limits: { customRules: 4 } })).toBe("");
});

test("paths that no rule has room for are told how to need less", () => {
  const rules = Array.from({ length: 90 }, (_, index) => ({
    id: `rule-${index}`,
    match: { path: `/v1/resource-${index * 7919}` },
    require: {},
    mode: "log",
  }));
  const file = { keys, ...host, rules, otherwise: "deny" };
  const limits = { expressionLength: 1600 };
  expect(problemsOf(file, { limits: { ...limits, customRules: 40 } })).toBe("");
  expect(problemsOf(file, { limits: { ...limits, customRules: 3 } })).toMatch(
    /RULES_TOO_MANY: [^\n]*\n {4}leave out before, after, expression and differing modes/,
  );
  const one = { ...rule, match: { path: `/${"x".repeat(1500)}` } };
  expect(problemsOf({ keys, ...host, rules: [one], otherwise: "deny" }, { limits })).toMatch(
    /otherwise\S* needs \d+ characters, and Cloudflare takes 1600\n {4}list folders with \/\* in place of paths that begin alike/,
  );
});

test("rate limits have their own room", () => {
  const rateLimit = { per: "ip", requests: 5, every: "1m" };
  const rules = [
    { ...rule, rateLimit },
    { ...rule, id: "more", rateLimit },
  ];
  expect(problemsOf({ keys, ...host, rules }, { limits: { rateLimitRules: 1 } })).toMatch(
    /^a\.yaml:\d+:\d+ RULES_TOO_MANY: example\.com would need 2 rate limiting rules, and the plan enterprise has room for 1\n/,
  );
});

test("a field that the plan does not have in a rate limit is named", () => {
  const downloads = { hmac: { parameter: "verify", lifetime: "1h" }, rotation: { every: "90d" } };
  const limited = {
    id: "files",
    match: { path: "/files/*", method: "GET" },
    require: { link: "downloads" },
    rateLimit: { per: "ip", requests: 5, every: "1m" },
  };
  expect(
    problemsOf(
      { keys: { downloads }, host: "files.example.com", rules: [limited] },
      { plan: "pro", addOns: [] },
    ),
  ).toBe(
    `a.yaml:24:17 EXPRESSION_INVALID: the rule keyturn:dev:rate/files would be refused: http.request.method needs the plan business in rate limiting, and this is pro
    correct the expression; Cloudflare would refuse the whole deploy for it`,
  );
});

test("titles, descriptions and replies are within their limits whatever the names are", () => {
  const id = "r".repeat(31);
  const ring = {
    algorithm: "ES256",
    tokens: { issuer: "i".repeat(200), audience: "u".repeat(200), lifetime: "15m" },
    rotation: { every: "90d" },
  };
  const rules = Array.from({ length: 40 }, (_, index) => ({
    id: `${"x".repeat(60)}-${index}`,
    match: { path: `/${index}` },
    require: { ring: id },
  }));
  const { definitions } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify({ keys: { [id]: ring }, ...host, tokens: undefined, rules }) }],
    enterprise,
  );
  const [zone] = compile(definitions, enterprise, assumedRingStates(definitions)).zones;
  expect(
    zone?.tokenConfigurations.map(({ title, description }) => [title.length, description.length]),
  ).toEqual([[39, 200]]);
  for (const rule of zone?.rules[CUSTOM_PHASE] ?? []) {
    expect(rule.description.length).toBeLessThanOrEqual(200);
    expect(Buffer.byteLength(rule.action_parameters?.response.content ?? "")).toBeLessThanOrEqual(
      limitOf(enterprise.zones[0] as Zone, "customResponseBytes"),
    );
  }
});
