import { expect, test } from "vitest";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { answered, compiledRules } from "./testing/oneRing.ts";
import { holds, storefront } from "./testing/verdict.ts";
import type { DesiredState } from "./types.ts";

function compiled(...file: Parameters<typeof compiledRules>): DesiredState {
  const { desired, problems } = compiledRules(...file);
  expect(problems).toEqual([]);
  return desired;
}

const refs = (desired: DesiredState, phase: typeof CUSTOM_PHASE | typeof RATE_LIMIT_PHASE = CUSTOM_PHASE) =>
  desired.zones.flatMap((zone) =>
    zone.rules[phase]
      .map(({ ref }) => ref.replace("keyturn:dev:", ""))
      .filter((ref) => !ref.includes("canary")),
  );

const some = (count: number) => Array.from({ length: count }, (_, index) => `/v1/things-${index}/{id}`);

test("a rule with ten paths costs no more rules than one with one path", () => {
  const rule = (path: readonly string[]) => ({ id: "things", match: { path }, require: { scope: "things" } });
  const one = refs(compiled([rule(["/v1/things-0/{id}"])]));
  expect(one).toEqual([
    "api.example.com/ambiguous",
    "api.example.com/401/shop/block/all",
    "api.example.com/403/shop/block/all",
  ]);
  expect(refs(compiled([rule(some(10))]))).toEqual(one);
});

test("the paths of a rule that one rule has no room for are shared among several, and each is guarded", () => {
  const desired = compiled([
    { id: "things", match: { path: some(300) }, require: { scope: "things" } },
    { id: "other", match: { path: "/v1/other" }, require: { scope: "other" } },
  ]);
  expect(refs(desired).length).toBeLessThan(30);
  const ask = (path: string, scope: string) =>
    answered(desired, { path, claims: { shop: storefront({ scope }) } });
  for (let index = 0; index < 300; index += 1) {
    expect(ask(`/v1/things-${index}/1`, "things")).toBe("passes");
    expect(ask(`/v1/things-${index}/1`, "other")).toBe("403 things");
    expect(answered(desired, { path: `/v1/things-${index}/1` })).toBe("401 things");
  }
  expect(ask("/v1/other", "things")).toBe("403 other");
});

test("of two rules whose paths lie in each other, that of the most specific path decides each request", () => {
  const desired = compiled([
    { id: "x", match: { path: ["/*", "/a/b/c"] }, require: { scope: "s" } },
    { id: "y", match: { path: "/a/*" }, require: { scope: "s" } },
  ]);
  for (const [path, by] of [
    ["/a/b/c", "x"],
    ["/a/b", "y"],
    ["/b", "x"],
  ] as const) {
    expect([path, answered(desired, { path })]).toEqual([path, `401 ${by}`]);
    expect(answered(desired, { path, claims: { shop: storefront() } })).toBe(`403 ${by}`);
  }
});

test("one limit counts all paths of its rule and all its hosts in a zone, each with its own exceptions", () => {
  const environment = {
    ...enterprise,
    zones: enterprise.zones.flatMap((zone) => [zone, { ...zone, id: "f".repeat(32), name: "example.org" }]),
  };
  const desired = compiled(
    [
      {
        id: "few",
        match: { path: ["/a/*", "/b"] },
        rateLimit: { per: "ip", requests: 9, every: "1m" },
      },
      { id: "all", match: { path: "/*" }, require: {} },
    ],
    {
      host: ["api.example.com", "www.example.com", "api.example.org"],
      except: [{ id: "help", match: { path: "/a/help", host: ["www.example.com", "api.example.org"] } }],
    },
    environment,
  );
  expect(refs(desired, RATE_LIMIT_PHASE)).toEqual(["rate/few", "rate/few"]);
  const counted = (host: string, path: string) =>
    desired.zones.map((zone) =>
      zone.rules[RATE_LIMIT_PHASE].some(({ expression }) => holds(expression, { host, path })),
    );
  expect(counted("api.example.com", "/a/help")).toEqual([true, false]);
  expect(counted("www.example.com", "/a/help")).toEqual([false, false]);
  expect(counted("www.example.com", "/a/1")).toEqual([true, false]);
  expect(counted("www.example.com", "/b")).toEqual([true, false]);
  expect(counted("www.example.com", "/b/1")).toEqual([false, false]);
  expect(counted("api.example.org", "/b")).toEqual([false, true]);
});

test("two names that are one host in a stack have each rule there once", () => {
  const desired = compiled(
    [
      { id: "all", match: { path: "/*" }, require: {} },
      { id: "raw", match: { path: "/a" }, expression: "ssl" },
      { id: "few", match: { path: "/a" }, rateLimit: { per: "ip", requests: 9, every: "1m" } },
    ],
    { host: ["api.example.com", "api.example.org"] },
    { ...enterprise, hosts: { "api.example.org": "api.example.com" } },
  );
  const rules = desired.zones.flatMap((zone) => Object.values(zone.rules).flat());
  expect(rules.map(({ branches }) => branches.map(({ ruleId }) => ruleId).join())).toEqual([
    "canary",
    "canary",
    "ambiguous",
    "all",
    "raw",
    "few",
  ]);
});
