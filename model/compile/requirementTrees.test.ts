import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { compileFolder } from "./testing/goldenCase.ts";
import { link, NOW, type TestRequest, verdict } from "./testing/verdict.ts";

/* What gets by the requirements of `cases/17-requirement-trees`, and what is answered to who does not. */
const desired = compileFolder(`${import.meta.dirname}/cases/17-requirement-trees`);
const token = (ring: string, more: Record<string, unknown> = {}) => ({
  [ring]: { iss: ring, aud: "api", exp: NOW + 60, ...more },
});
const answer = (path: string, more: Partial<TestRequest> = {}) => verdict(desired, { path, ...more });
const NEITHER = "401 api.example.com/401/any.shop+staff/block/all";
const TOO_LITTLE = "403 api.example.com/403/shop+staff/block/all";

describe("a token of one of two rings", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["of the first with its scope", token("shop", { scope: "orders:read" }), "passes"],
    ["of the second", token("staff"), "passes"],
    ["of both", { ...token("shop"), ...token("staff") }, "passes"],
    ["of none", {}, NEITHER],
    ["of the first without the scope", token("shop", { scope: "orders:write" }), TOO_LITTLE],
    ["of the second for another audience", token("staff", { aud: "other" }), NEITHER],
    ["of the second by another issuer", token("staff", { iss: "shop" }), NEITHER],
    ["of the second that never ends", token("staff", { exp: undefined }), NEITHER],
    [
      "of the first without the scope, beside one of the second that is not valid and says it",
      { ...token("shop"), ...token("staff", { aud: "other", scope: "orders:read" }) },
      TOO_LITTLE,
    ],
    [
      "of the first that is not valid and has the scope, beside none",
      token("shop", { aud: "other", scope: "orders:read" }),
      NEITHER,
    ],
  ])("%s", (_name, claims, expected) => {
    expect(answer("/orders/1", { claims })).toBe(expected);
  });
});

describe("one of several scopes", () => {
  test.each<[string, unknown, string]>([
    ["the first", "read", "passes"],
    ["the other among more", "a write b", "passes"],
    ["a word that begins so", "readwrite", "403 api.example.com/403/shop/block/all"],
    ["an array in place of the text", ["read"], "403 api.example.com/403/shop/block/all"],
    ["none", undefined, "403 api.example.com/403/shop/block/all"],
  ])("%s", (_name, scope, expected) => {
    expect(answer("/scopes", { claims: token("shop", { scope }) })).toBe(expected);
  });

  test("no token", () => expect(answer("/scopes")).toBe("401 api.example.com/401/shop/block/all"));
});

describe("a link or a token with a scope", () => {
  test.each<[string, string, Partial<TestRequest>, string]>([
    ["the link", link("/files/a"), {}, "passes"],
    ["the token", "/files/a", { claims: token("staff", { scope: "files" }) }, "passes"],
    ["neither", "/files/a", {}, "401 api.example.com/401/any.downloads+staff/block/all"],
    [
      "a link for another path",
      link("/files/b").replace("/files/b", "/files/a"),
      {},
      "401 api.example.com/401/any.downloads+staff/block/all",
    ],
    [
      "a token that says too little",
      "/files/a",
      { claims: token("staff") },
      "403 api.example.com/403/downloads+staff/block/all",
    ],
    ["such a token and the link", link("/files/a"), { claims: token("staff") }, "passes"],
  ])("%s", (_name, path, more, expected) => {
    expect(answer(path, more)).toBe(expected);
  });
});

test("what is needed together is refused piece by piece", () => {
  const [shop, staff] = [token("shop", { scope: "keys" }), token("staff", { role: "admin" })];
  const signed = link("/keys");
  expect(answer(signed, { claims: { ...shop, ...staff } })).toBe("passes");
  expect(answer(signed, { claims: shop })).toBe("401 api.example.com/401/staff/block/all");
  expect(answer(signed, { claims: staff })).toBe("401 api.example.com/401/shop/block/all");
  expect(answer(signed, { claims: { ...token("shop"), ...staff } })).toBe(
    "403 api.example.com/403/shop/block/all",
  );
  expect(answer("/keys", { claims: { ...shop, ...staff } })).toBe(
    "403 api.example.com/link/downloads/block/all",
  );
});

describe("a token that may be left out", () => {
  const optional = compileFolder(`${import.meta.dirname}/cases/19-optional-and-where`);
  const seen = (more: Partial<TestRequest>) => verdict(optional, { path: "/offers", ...more });
  const header = [["authorization", "Bearer t"]] as const;
  const UNAUTHORIZED = "401 api.example.com/401/any.shop/block/all";

  test.each<[string, Partial<TestRequest>, string]>([
    ["is left out", {}, "passes"],
    ["is valid and says enough", { headers: header, claims: token("shop", { scope: "offers" }) }, "passes"],
    [
      "is valid and says too little",
      { headers: header, claims: token("shop") },
      "403 api.example.com/403/shop/block/all",
    ],
    ["is not valid", { headers: header }, UNAUTHORIZED],
    ["is for somebody else", { headers: header, claims: token("shop", { aud: "other" }) }, UNAUTHORIZED],
    ["is not valid, in the other place", { headers: [["cookie", "a=b; session=t"]] }, UNAUTHORIZED],
    [
      "is not valid, in a cookie whose name is encoded",
      { headers: [["cookie", "%73ession=t"]] },
      UNAUTHORIZED,
    ],
    ["is another kind of credentials", { headers: [["authorization", "Basic dTpw"]] }, UNAUTHORIZED],
    ["is empty", { headers: [["authorization", ""]] }, UNAUTHORIZED],
    ["stands where nobody looks", { headers: [["x-token", "t"]] }, "passes"],
  ])("%s", (_name, more, expected) => {
    expect(seen(more)).toBe(expected);
  });
});

describe("a ring that has no ACTIVE key yet", () => {
  const rules = (require: string, states: Record<string, boolean>) => {
    const text = `keys:
  shop: { algorithm: ES256, tokens: { issuer: shop, audience: api, lifetime: 15m }, rotation: { every: 90d } }
  staff: { algorithm: ES256, tokens: { issuer: staff, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: [{ ring: shop, in: [header authorization] }, { ring: staff, in: [header x-staff] }]
rules: [{ id: a, match: { path: /a }, require: ${require} }]
`;
    const { definitions } = loadDefinitions([{ path: "a.yaml", text }], enterprise);
    const known = assumedRingStates(definitions);
    const given = Object.fromEntries(
      Object.entries(states).map(([ring, active]) => [
        ring,
        { keys: [], ...known[ring], active, everBlocked: active },
      ]),
    );
    return compile(definitions, enterprise, given);
  };
  const either = "{ any: [{ ring: shop }, { ring: staff }] }";

  test("opens nothing that an alternative guards, and lets its own tokens by", () => {
    const state = rules(either, { shop: true, staff: false });
    expect(verdict(state, { path: "/a" })).toBe(NEITHER);
    expect(verdict(state, { path: "/a", claims: token("shop") })).toBe("passes");
    expect(verdict(state, { path: "/a", claims: token("staff") })).toBe("passes");
  });

  test("lets a rule only log where it is needed, or where no alternative is ready", () => {
    const both = "{ all: [{ ring: shop }, { ring: staff }] }";
    expect(verdict(rules(both, { shop: true, staff: false }), { path: "/a" })).toBe("passes");
    expect(verdict(rules(either, { shop: false, staff: false }), { path: "/a" })).toBe("passes");
  });
});

test("a rule that waits for a second ring takes nothing from rules of the first", () => {
  const waiting = compileFolder(`${import.meta.dirname}/cases/20-a-ring-waits-beside-another`);
  const seen = (path: string, claims: Record<string, unknown>) => verdict(waiting, { path, claims });
  expect(seen("/orders", {})).toBe("401 api.example.com/401/shop/block/all");
  expect(seen("/orders", token("shop"))).toBe("403 api.example.com/403/shop/block/all");
  expect(seen("/orders", token("shop", { scope: "orders" }))).toBe("passes");
  expect(seen("/both", {})).toBe("passes");
});

test("a choice that makes too long an expression is named, with what makes it shorter", () => {
  const choice = Array.from({ length: 40 }, (_, index) => `{ scope: a-long-name-of-a-scope-${index} }`);
  const text = `keys:
  shop: { algorithm: ES256, tokens: { issuer: shop, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules: [{ id: a, match: { path: /a }, require: { any: [${choice.join(", ")}] } }]
`;
  const { definitions } = loadDefinitions([{ path: "a.yaml", text }], enterprise);
  const { problems } = compile(definitions, enterprise, assumedRingStates(definitions));
  expect(problems.map(({ code, hint }) => `${code}: ${hint}`)).toEqual([
    "EXPRESSION_TOO_LONG: use fewer exceptions on the host, or fewer alternatives, scopes, claims and values in one rule",
  ]);
});
