import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Plan } from "../facts/limits.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { realLength } from "../facts/placeholders.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { holds, type TestRequest } from "./testing/verdict.ts";
import type { DesiredRule } from "./types.ts";

/*
 * What no rule lists is refused, in however many rules that takes. Each case is judged by a plain reading of the
 * paths, too.
 */

interface Listed {
  readonly path: string;
  readonly method?: string | undefined;
}

function otherwise(listed: readonly Listed[], expressionLength: number, plan: Plan = "enterprise") {
  const file = {
    keys: { files: { hmac: { parameter: "verify", lifetime: "1h" }, rotation: { every: "90d" } } },
    host: "api.example.com",
    rules: listed.map(({ path, method }, index) => ({
      id: `rule-${index}`,
      match: { path, ...(method === undefined ? {} : { method }) },
      require: { link: "files" },
    })),
    otherwise: "deny",
  };
  const zones = enterprise.zones.map((zone) => ({ ...zone, plan, limits: { expressionLength } }));
  const environment = { ...enterprise, zones };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    environment,
  );
  expect(problems.filter((each) => each.severity === "error")).toEqual([]);
  const { zones: desired } = compile(definitions, environment, assumedRingStates(definitions));
  return (desired[0]?.rules[CUSTOM_PHASE] ?? []).filter((rule) => rule.ref.includes("/otherwise"));
}

const denied = (rules: readonly DesiredRule[], request: TestRequest) =>
  rules.some((rule) => holds(rule.expression, request));

/** The definitions read plainly: segment by segment, case and a trailing slash do not count. */
function isListed(listed: readonly Listed[], path: string, asked: string): boolean {
  const parts = path.toLowerCase().slice(1).split("/");
  if (parts.at(-1) === "") parts.pop();
  return listed.some(({ path: pattern, method }) => {
    if (method !== undefined && method !== asked) return false;
    const wanted = pattern.toLowerCase().slice(1).split("/");
    const rest = wanted.at(-1) === "*";
    if (rest || wanted.at(-1) === "") wanted.pop();
    if (rest ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((part, index) =>
      new RegExp(`^${part.replaceAll(/[^\w{}]/g, "\\$&").replaceAll("{x}", ".+")}$`).test(parts[index] ?? ""),
    );
  });
}

const name = fc.constantFrom(
  "a",
  "ab",
  "abc",
  "b",
  "b-c",
  "b.c",
  "users",
  "user",
  "x".repeat(30),
  "v1",
  "v2",
  "A",
);
function paths(segment: fc.Arbitrary<string>) {
  const pattern = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.nat(7))
    .map(([parts, rest]) => `/${parts.join("/")}${rest === 0 ? "/*" : ""}`);
  const method = fc.option(fc.constantFrom("PUT", "POST"), { nil: undefined });
  return fc.array(fc.record({ path: fc.oneof(pattern, fc.constant("/")), method }), {
    minLength: 1,
    maxLength: 40,
  });
}
const asked = fc.record({
  path: fc
    .tuple(
      fc.array(fc.oneof(name, fc.constantFrom("", "abcd", "use", "c", "v", ".c", "v.c")), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.boolean(),
    )
    .map(([parts, slash]) => `/${parts.join("/")}${slash ? "/" : ""}`)
    .filter((path) => !path.includes("//")),
  method: fc.constantFrom("PUT", "POST", "DELETE"),
});

describe.each([
  [
    "with regular expressions",
    "enterprise",
    fc.oneof(
      { weight: 6, arbitrary: name },
      fc.constantFrom("{x}", "{x}", "{x}.c", "v{x}", "a{x}c", "{x}b{x}"),
    ),
  ],
  ["without", "pro", name],
] as const)("paths that take several rules, on a plan %s", (_name, plan, segment) => {
  test("nothing that is listed is denied, and all else is", () => {
    const seen = { split: 0, denied: 0, listed: 0 };
    fc.assert(
      fc.property(paths(segment), fc.array(asked, { minLength: 20, maxLength: 20 }), (listed, requests) => {
        const rules = otherwise(listed, 400, plan);
        expect(new Set(rules.map((rule) => rule.ref)).size).toBe(rules.length);
        if (rules.length > 1) seen.split += 1;
        const own = listed.map(({ path, method = "PUT" }) => ({
          path: path.replace("/*", "/b").replaceAll("{x}", "q"),
          method,
        }));
        for (const request of [...requests, ...own]) {
          const wanted = !isListed(listed, request.path, request.method);
          seen[wanted ? "denied" : "listed"] += 1;
          expect([request, denied(rules, request)]).toEqual([request, wanted]);
        }
      }),
      { numRuns: 80 },
    );
    expect(Math.min(seen.split, seen.denied, seen.listed)).toBeGreaterThan(0);
  });
});

test.each([
  ["below one prefix", (id: number) => `/v1/resource-${id}/items`],
  [
    "below two prefixes and many names",
    (id: number) => `/api/v${id % 3}/service-${id % 50}/resource-${id}/*`,
  ],
  ["behind a variable segment", (id: number) => `/{tenant}/resource-${id}/{item}`],
  ["as one segment each", (id: number) => `/resource-${id}`],
  ["with a variable in each", (id: number) => `/resource-${id}/v{n}/{item}.json`],
])("3,000 paths %s fit", (_name, pathOf) => {
  const listed = Array.from({ length: 3000 }, (_, id) => ({ path: pathOf(id) }));
  const rules = otherwise(listed, 4096);
  for (const rule of rules) expect(realLength(rule.expression)).toBeLessThanOrEqual(4096);
  expect(rules.length).toBeLessThan(120);
  for (const { path } of listed.filter((_, id) => id % 97 === 0)) {
    const request = path.replace("/*", "/x").replaceAll(/\{\w+\}/g, "some");
    expect([request, denied(rules, { path: request })]).toEqual([request, false]);
    const others = [`/z${request}`, request.replace("resource-", "resource-z")];
    for (const other of others) expect([other, denied(rules, { path: other })]).toEqual([other, true]);
  }
});

test("on a plan without regular expressions 200 paths below one prefix fit", () => {
  const listed = Array.from({ length: 200 }, (_, id) => ({ path: `/v1/resource-${id}` }));
  const rules = otherwise(listed, 4096, "pro");
  for (const rule of rules) expect(realLength(rule.expression)).toBeLessThanOrEqual(4096);
  expect(rules.length).toBeLessThan(12);
});

test("one more path changes one rule, or splits one that is full", () => {
  const rulesOf = (count: number) =>
    new Map(
      otherwise(
        Array.from({ length: count }, (_, id) => ({ path: `/v1/resource-${id * 7919}/items` })),
        4096,
      ).map((rule) => [rule.ref, rule.expression]),
    );
  for (const count of [600, 601, 602]) {
    const [before, after] = [rulesOf(count), rulesOf(count + 1)];
    const gone = [...before.keys()].filter((ref) => !after.has(ref));
    const changed = [...after].filter(([ref, expression]) => before.get(ref) !== expression);
    if (gone.length === 0) expect(changed.length).toBe(1);
  }
});
