import { describe, expect, test } from "vitest";
import { essence, filled, type Inputs, inFront, isOurs, sameRules, secretsIn, sendable } from "./ruleText.ts";

const INPUTS = {
  phase: "http_request_firewall_custom",
  configurations: { shop: "c-1" },
  secrets: { "files/k1": 's"1\\' },
} as unknown as Inputs;
const OWNER = { refPrefix: "kt:dev:" };
const rule = (ref: string, change: object = {}) => ({
  ref,
  description: "d",
  expression: "ssl",
  action: "block",
  enabled: true,
  ...change,
});

describe("filled", () => {
  test("puts values into every text, at any depth, and leaves all else as it is", () => {
    const rules = [
      rule("kt:dev:a", {
        expression: `x("\${secret:files/k1}") and y(\${config:shop}, \${config:shop})`,
        action_parameters: { response: { status_code: 401, headers: [`\${config:shop}`, null, true] } },
      }),
    ];
    expect(filled({ ...INPUTS, rules })).toEqual([
      rule("kt:dev:a", {
        expression: 'x("s"1\\") and y(c-1, c-1)',
        action_parameters: { response: { status_code: 401, headers: ["c-1", null, true] } },
      }),
    ]);
  });

  test.each([
    ["config", "files/k1"],
    ["secret", "shop"],
  ])("stops at a %s that does not exist", (kind, name) => {
    expect(() => filled({ ...INPUTS, rules: [rule("a", { expression: `\${${kind}:${name}}` })] })).toThrow(
      `PLACEHOLDER_UNKNOWN: a rule of phase http_request_firewall_custom names ${kind} ${name}, which does not exist`,
    );
  });
});

describe("essence", () => {
  const same = (a: object, b: object) => essence(rule("a", a)) === essence(rule("a", b));

  test("leaves out what the API fills in", () => {
    expect(same({ id: "1", version: "3", last_updated: "now" }, {})).toBe(true);
    expect(same({ action_parameters: {} }, {})).toBe(true);
    expect(
      same({ ratelimit: { period: 10, requests_to_origin: false } }, { ratelimit: { period: 10 } }),
    ).toBe(true);
  });

  test.each([
    [{ description: "e" }, {}],
    [{ expression: "not ssl" }, {}],
    [{ action: "log" }, {}],
    [{ enabled: false }, {}],
    [{ action_parameters: { response: {} } }, {}],
    [{ ratelimit: { period: 60 } }, { ratelimit: { period: 10 } }],
    [{ ratelimit: { period: 10, requests_to_origin: true } }, { ratelimit: { period: 10 } }],
    [{ ratelimit: {} }, {}],
  ])("tells %j from %j", (a, b) => {
    expect(same(a, b)).toBe(false);
  });
});

test("rules are the same in the same order and number", () => {
  const [a, b] = [rule("a"), rule("b")];
  expect(sameRules([a, b], [a, b])).toBe(true);
  expect(sameRules([a, b], [b, a])).toBe(false);
  expect(sameRules([a], [a, b])).toBe(false);
  expect(sameRules([a, b], [a])).toBe(false);
  expect(sameRules([a, b], [a, rule("b", { enabled: false })])).toBe(false);
});

test("ours begin with the stack's prefix, or with the one before it was renamed", () => {
  expect(isOurs(rule("kt:dev:a"), OWNER)).toBe(true);
  expect(isOurs(rule("kt:old:a"), OWNER)).toBe(false);
  expect(isOurs(rule("kt:old:a"), { ...OWNER, formerPrefix: "kt:old:" })).toBe(true);
  expect(isOurs(rule("kt:dev:a"), { ...OWNER, formerPrefix: "kt:old:" })).toBe(true);
  expect(isOurs({}, OWNER)).toBe(false);
});

test("rules of others act in front where they stand before our last one, are enabled and do more than log", () => {
  const ours = rule("kt:dev:a");
  const refs = (...rules: object[]) => inFront(rules as never, OWNER).map(({ ref }) => ref);
  const skip = rule("skip", { action: "skip" });
  expect(refs(skip, ours)).toEqual(["skip"]);
  expect(refs(ours, skip, rule("kt:dev:b"))).toEqual(["skip"]);
  expect(refs(ours, skip)).toEqual([]);
  expect(refs(skip)).toEqual([]);
  expect(refs(rule("off", { enabled: false }), rule("log", { action: "log" }), ours)).toEqual([]);
});

test("what only the API sets is not sent back, and all else is", () => {
  const foreign = { id: "1", ref: "x", anything: { a: [1] } };
  expect(sendable({ ...foreign, version: "2", last_updated: "now" })).toEqual(foreign);
});

test("secrets are found in the checks of links, each once", () => {
  const check = (secret: string) => `is_timed_hmac_valid_v0( "${secret}", http.request.uri, 1)`;
  const rules = [rule("a", { expression: `${check("s2")} or ${check("s1")}` }), rule("b"), {}];
  expect(secretsIn([...rules, rule("c", { expression: check("s2") })])).toEqual(["s2", "s1"]);
});
