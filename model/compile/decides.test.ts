import { expect, test } from "vitest";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { answered, compiledRules } from "./testing/oneRing.ts";
import { acting, storefront } from "./testing/verdict.ts";
import type { DesiredState } from "./types.ts";

/** A broad rule and many endpoints that it would match too. */
function compiled(
  all: unknown,
  endpoint: (index: number) => unknown,
  count: number,
  mode = "block",
): DesiredState {
  const { desired, problems } = compiledRules([
    { id: "all", match: { path: "/*" }, require: all, mode },
    ...Array.from({ length: count }, (_, index) => ({
      id: `endpoint-${index}`,
      match: { path: `/v1/things-${index}/{id}` },
      require: endpoint(index),
    })),
  ]);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return desired;
}

test("a broad rule from which 400 endpoints take requests is shared among rules by how paths begin", () => {
  const desired = compiled({ scope: "all" }, () => ({ scope: "some" }), 400);
  const rules = desired.zones[0]?.rules[CUSTOM_PHASE] ?? [];
  const broad = rules.filter(({ branches }) => branches.some(({ ruleId }) => ruleId === "all"));
  expect(broad.filter(({ ref }) => ref.includes("/403/")).length).toBeLessThan(40);
  for (const rule of rules) expect(rule.expression.length).toBeLessThan(4096);
  const ask = (path: string, scope: string) =>
    answered(desired, { path, claims: { shop: storefront({ scope }) } });
  for (let index = 0; index < 400; index += 7) {
    expect(ask(`/v1/things-${index}/1`, "some")).toBe("passes");
    expect(ask(`/v1/things-${index}/1`, "all")).toBe(`403 endpoint-${index}`);
    expect(ask(`/v1/Things-${index}/1`, "some")).toBe("403 all");
    expect(ask(`/v1/things-${index}/1/2`, "some")).toBe("403 all");
  }
  expect(ask("/v1/things-400/1", "some")).toBe("403 all");
  expect(ask("/", "some")).toBe("403 all");
});

test("where the broad rule asks for no more, nothing is taken out, and the endpoint is named", () => {
  const desired = compiled({}, (index) => ({ scope: `s${index}` }), 400);
  const rules = desired.zones[0]?.rules[CUSTOM_PHASE] ?? [];
  for (const rule of rules) expect(rule.expression).not.toContain("not (raw");
  for (let index = 0; index < 400; index += 13)
    expect(answered(desired, { path: `/v1/things-${index}/1` })).toBe(`401 endpoint-${index}`);
  expect(answered(desired, { path: "/v1/other" })).toBe("401 all");
});

test("a broad rule that only logs is not heard of where a harder one decides", () => {
  const desired = compiled({}, () => ({}), 2, "log");
  const heard = (path: string) => acting(desired, { path }).map(({ action, ref }) => `${action} ${ref}`);
  expect(heard("/v1/things-1/1")).toEqual(["block keyturn:dev:api.example.com/401/shop/block/all"]);
  expect(heard("/v1/other")).toEqual(["log keyturn:dev:api.example.com/401/shop/log/all"]);
});
