import { describe, expect, test } from "vitest";
import { assumedRingStates } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { ClaimRequirement } from "../definition/types.ts";
import { conditionsOf, textsOf } from "./conditions.ts";
import { evaluate, type PolicyRequest } from "./evaluate.ts";
import { policiesOf } from "./policy.ts";
import type { Decision } from "./types.ts";

const FILE = `
keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
  staff:
    algorithm: ES256
    tokens: { issuer: https://staff.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
host: api.example.com
tokens: [{ ring: shop, in: [header authorization, cookie session] }, { ring: staff, in: [header x-staff] }]
rules:
  - { id: all, match: { path: /orders/* }, require: { scope: orders } }
  - { id: read, match: { method: GET, path: /orders/* }, require: { scope: read } }
  - { id: one, match: { path: "/orders/{id}" }, require: { scope: one } }
  - { id: pdf, match: { path: "/orders/{id}.pdf" }, require: { scope: pdf } }
  - { id: open, match: { path: /orders/public }, require: none }
  - { id: staff, match: { path: /orders/admin }, require: { ring: staff, claims: { role: admin } } }
  - { id: tried, match: { path: /orders/tried }, require: none, mode: log }
  - { id: asked, match: { path: /orders/asked }, require: { scope: asked }, mode: challenge }
  - { id: limit, match: { path: /unlisted/* }, rateLimit: { per: ip, requests: 9, every: 1m } }
  - { id: raw, match: { path: [/orders/*, /orders/both] }, expression: ip.src.country eq "XX" }
  - { id: both, match: { path: [/orders/both/*, /orders/both/Here, /both] }, require: { scope: both } }
  - { id: counts, match: { path: [/both, /both/*] }, rateLimit: { per: ip, requests: 9, every: 1m } }
always:
  - { id: tenant, match: { path: /orders/* }, require: { claims: { tenant: acme } } }
except:
  - { id: health, match: { path: /orders/health } }
otherwise: deny
cors: { preflight: allow }
`;

const { definitions } = loadDefinitions([{ path: "api.yaml", text: FILE }], enterprise);
const [policy] = policiesOf(definitions, enterprise, assumedRingStates(definitions), 0);

function said(method: string, path: string, more: Partial<PolicyRequest> = {}): string {
  if (policy === undefined) throw new Error("no policy");
  const verdict = evaluate(policy, { host: "api.example.com", method, path, ...more });
  const ids = (some: readonly Decision[]) => some.map(({ rule }) => rule.id).join(",");
  return [
    verdict.refusals.map(({ status, by }) => `${status} ${by}`).join(", ") || "passes",
    `decides ${ids(verdict.decides)}`,
    `over ${ids(verdict.passedOver)}`,
  ].join("; ");
}

const shop = (claims: Record<string, unknown>) => ({ tokens: { shop: { tenant: "acme", ...claims } } });

describe("which rule decides", () => {
  test.each([
    [
      "a stated method before any",
      "GET",
      "/orders/1/items",
      shop({ scope: "read" }),
      "passes; decides read; over all",
    ],
    [
      "any method where none is stated",
      "POST",
      "/orders/1/items",
      shop({ scope: "read" }),
      "403 all; decides all; over ",
    ],
    [
      "a path before a method",
      "GET",
      "/orders/1",
      shop({ scope: "one" }),
      "passes; decides one; over read,all",
    ],
    [
      "partly variable before variable",
      "GET",
      "/orders/1.pdf",
      shop({ scope: "one" }),
      "403 pdf; decides pdf; over one,read,all",
    ],
    ["a literal before all", "GET", "/orders/public", shop({}), "passes; decides open; over one,read,all"],
    [
      "another ring",
      "GET",
      "/orders/admin",
      { tokens: { staff: { role: "admin" }, shop: { tenant: "acme" } } },
      "passes; decides staff; over one,read,all",
    ],
    ["a path of several", "GET", "/both", shop({ scope: "one" }), "403 both; decides both; over "],
    [
      "a rule once of whose paths several match in some reading",
      "GET",
      "/orders/both/here",
      shop({ scope: "one" }),
      "403 both; decides both; over read,all",
    ],
    ["always holds besides", "GET", "/orders/public", {}, "401 tenant; decides open; over one,read,all"],
    [
      "one that only logs takes nothing from one that refuses",
      "GET",
      "/orders/tried",
      shop({}),
      "403 one; decides tried,one; over read,all",
    ],
    [
      "nor does a challenge",
      "GET",
      "/orders/asked",
      shop({}),
      "403 asked, 403 one; decides asked,one; over read,all",
    ],
    [
      "what is only read as the literal in some reading is asked for both",
      "GET",
      "/orders/PUBLIC",
      shop({}),
      "403 one; decides open,one; over read,all",
    ],
    ["so with an escape", "GET", "/orders/%70ublic", shop({}), "403 one; decides open,one; over read,all"],
    [
      "and a slash at the end",
      "GET",
      "/orders/public/",
      shop({}),
      "403 one, 403 read; decides open,one,read; over all",
    ],
    ["a limit alone lists nothing", "GET", "/unlisted/1", {}, "404 otherwise; decides ; over "],
    ["an exception is open", "GET", "/orders/health", {}, "passes; decides ; over "],
    [
      "an exception is exact",
      "GET",
      "/orders/Health",
      shop({ scope: "one" }),
      "passes; decides one; over read,all",
    ],
    ["ambiguous", "GET", "/orders//public", {}, "400 ambiguous; decides ; over "],
    [
      "another spelling of the host",
      "GET",
      "/orders/public",
      { host: "API.example.com" },
      "400 ambiguous; decides ; over ",
    ],
    [
      "two tokens",
      "GET",
      "/orders/public",
      {
        headers: [
          ["Authorization", "Bearer a"],
          ["cookie", "session=b"],
        ] as const,
      },
      "400 ambiguous; decides ; over ",
    ],
    [
      "a preflight",
      "OPTIONS",
      "/orders/1",
      {
        headers: [
          ["Origin", "https://a.example"],
          ["Access-Control-Request-Method", "GET"],
        ] as const,
      },
      "passes; decides ; over ",
    ],
  ] as const)("%s: %s %s", (_name, method, path, more, expected) => {
    expect(said(method, path, more)).toBe(expected);
  });
});

test("raw expressions are Cloudflare's to evaluate, and limits count what their rules match", () => {
  if (policy === undefined) throw new Error("no policy");
  const request = { host: "api.example.com", method: "GET", path: "/orders/public" };
  expect(evaluate(policy, request).conditional).toEqual([
    { expression: 'ip.src.country eq "XX"', refusal: { status: 403, by: "raw" } },
  ]);
  expect(evaluate(policy, { ...request, path: "/unlisted/1" }).counts.map(({ rule }) => rule.id)).toEqual([
    "limit",
  ]);
});

test("scopes of tokens whose keys are somebody else's are read as its ring says", () => {
  const text = `
keys:
  staff: { from: { issuer: https://example.eu.auth0.com/ }, tokens: { audience: api, lifetime: 24h } }
host: api.example.com
tokens: { ring: staff, in: [header authorization] }
rules: [{ id: read, match: { path: /a }, require: { scope: read } }]
`;
  const mirrored = loadDefinitions([{ path: "api.yaml", text }], enterprise).definitions;
  const [only] = policiesOf(mirrored, enterprise, assumedRingStates(mirrored), 0);
  if (only === undefined) throw new Error("no policy");
  const asked = (scope: string) => ({
    host: "api.example.com",
    method: "GET",
    path: "/a",
    tokens: { staff: { scope } },
  });
  expect(evaluate(only, asked("read write")).refusals).toEqual([]);
  expect(evaluate(only, asked("write")).refusals).toEqual([{ status: 403, by: "read" }]);
});

describe("a host of its own", () => {
  const policyOf = (rule: string, more = "") => {
    const text = `${FILE.slice(0, FILE.indexOf("host:"))}host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules: [{ id: a, match: { path: /a }, ${rule} }]
${more}`;
    const loaded = loadDefinitions([{ path: "api.yaml", text }], enterprise);
    expect(loaded.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const [own] = policiesOf(loaded.definitions, enterprise, assumedRingStates(loaded.definitions), 0);
    if (own === undefined) throw new Error("no policy");
    return (more: Partial<PolicyRequest> = {}) =>
      evaluate(own, { host: "api.example.com", method: "GET", path: "/a", ...more });
  };

  test("another spelling of its name meets no rule, where tricks only log too", () => {
    const ask = policyOf("require: {}, mode: log", "mode: log");
    expect(ask().decides.map(({ rule }) => rule.id)).toEqual(["a"]);
    expect(ask({ host: "API.example.com" })).toMatchObject({ decides: [], refusals: [], conditional: [] });
  });

  test("what is refused for certain leaves out what a condition would answer behind it", () => {
    const ask = policyOf('require: { scope: a, where: ip.src.country eq "NL" }');
    const where = { expression: 'not ((ip.src.country eq "NL"))', refusal: { status: 403, by: "a" } };
    expect(ask()).toMatchObject({ refusals: [{ status: 401, by: "a" }], conditional: [] });
    expect(ask(shop({ scope: "b" }))).toMatchObject({
      refusals: [{ status: 403, by: "a" }],
      conditional: [],
    });
    expect(ask(shop({ scope: "a" }))).toMatchObject({ refusals: [], conditional: [where] });
  });
});

test("tricks are refused as hard as the hardest guard: an expression or a limit beside what is open, too", () => {
  const ambiguous = (rule: string) => {
    const text = `host: api.example.com\nrules:\n  - { id: a, match: { path: /a }, ${rule} }\n`;
    const loaded = loadDefinitions([{ path: "api.yaml", text }], enterprise).definitions;
    return policiesOf(loaded, enterprise, assumedRingStates(loaded), 0).map((each) => each.ambiguous);
  };
  const limit = "rateLimit: { per: ip, requests: 9, every: 1m, mode: challenge }";
  expect(ambiguous("require: none")).toEqual(["off"]);
  expect(ambiguous("require: none, expression: ssl")).toEqual(["block"]);
  expect(ambiguous(`require: none, ${limit}`)).toEqual(["challenge"]);
  expect(ambiguous(limit)).toEqual(["challenge"]);
});

test("conditions have the same text only where they mean the same", () => {
  const claim = (path: readonly string[], values: readonly (string | number)[]): ClaimRequirement => ({
    path,
    must: { kind: "is", values },
    stands: { kind: "alone" },
  });
  const text = (claims: readonly ClaimRequirement[]) =>
    textsOf(conditionsOf({ kind: "token", ring: "shop", scopes: [], claims })).slice(1);
  expect(
    text([
      claim(["a", "b"], ["x"]),
      claim(["a.b"], ["x"]),
      claim(["n"], [1]),
      claim(["n"], ["1"]),
      claim(["n"], ["x", "y"]),
      claim(["n"], ["x or y"]),
    ]),
  ).toEqual([
    "claim a.b with x",
    'claim "a.b" with x',
    "claim n with 1",
    'claim n with "1"',
    "claim n with x or y",
    'claim n with "x or y"',
  ]);
});

test("limits and expressions of which several paths match count and hold once", () => {
  if (policy === undefined) throw new Error("no policy");
  const ask = (path: string) => evaluate(policy, { host: "api.example.com", method: "GET", path });
  expect(ask("/both").counts.map(({ rule }) => rule.id)).toEqual(["counts"]);
  expect(ask("/orders/both").conditional.map(({ refusal }) => refusal.by)).toEqual(["raw"]);
});

test("a token that may be left out is looked for in every place of the host, and what is there must be valid", () => {
  const text = `keys:
  shop: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization, cookie session] }
rules: [{ id: news, match: { path: /news }, require: { token: optional, scope: news } }]
`;
  const { definitions } = loadDefinitions([{ path: "api.yaml", text }], enterprise);
  const [policy] = policiesOf(definitions, enterprise, assumedRingStates(definitions), 0);
  const statuses = (more: Partial<PolicyRequest>) =>
    policy &&
    evaluate(policy, { host: "api.example.com", method: "GET", path: "/news", ...more }).refusals.map(
      ({ status }) => status,
    );
  expect(statuses({})).toEqual([]);
  expect(statuses({ headers: [["Authorization", "Bearer bad"]] })).toEqual([401]);
  expect(statuses({ headers: [["cookie", "a=b; %73ession=bad"]] })).toEqual([401]);
  expect(statuses({ headers: [["cookie", "a=session; session"]] })).toEqual([]);
  expect(statuses({ tokens: { shop: {} } })).toEqual([403]);
  expect(statuses({ tokens: { shop: { scope: "news" } } })).toEqual([]);
});
