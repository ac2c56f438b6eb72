import { expect, test } from "vitest";
import { assumedRingStates } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { evaluate, type PolicyRequest } from "../policy/evaluate.ts";
import { policiesOf } from "../policy/policy.ts";
import { branchCoverage } from "./branches.ts";

const FILE = `
keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
  links:
    hmac: { parameter: verify, lifetime: 3h, bind: [path] }
    rotation: { every: 30d }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: all, match: { path: /orders/* }, require: { scope: [a, b], claims: { role: [x, y] } } }
  - { id: file, match: { path: /files/* }, require: { link: links }, mode: challenge }
  - { id: open, match: { path: /news }, require: none }
  - { id: tried, match: { path: /tried }, require: { scope: a }, mode: log }
  - { id: raw, match: { path: /raw }, expression: ip.src.country eq "XX" }
always:
  - { id: tenant, match: { path: /orders/* }, require: { claims: { tenant: acme } } }
except:
  - { id: health, match: { path: /health } }
cors: { preflight: allow }
`;

type Asked = readonly [path: string, more?: Partial<PolicyRequest>, seenBy?: string];

/** The names of what requests bring about; the compiled rules do as the policy says, or refuse as `seenBy`. */
function covered(asked: readonly Asked[], more = "", file = FILE) {
  const { definitions } = loadDefinitions([{ path: "api.yaml", text: file + more }], enterprise);
  const policies = policiesOf(definitions, enterprise, assumedRingStates(definitions), 0);
  const [policy] = policies;
  if (policy === undefined) throw new Error("no policy");
  const observations = asked.map(([path, parts = {}, seenBy]) => {
    const request: PolicyRequest = { host: "api.example.com", method: "GET", path, ...parts };
    const verdict = evaluate(policy, request);
    const by = seenBy === undefined ? verdict.refusals.map((refusal) => refusal.by) : [seenBy];
    return { request, verdict, seen: { status: by.length === 0 ? ("passes" as const) : 403, by } };
  });
  const { rules, ...counts } = branchCoverage(policies, observations);
  const named = (which: "covered" | "uncovered") =>
    rules.flatMap((each) => each[which].map((name) => `${each.rule} ${name}`));
  return { counts, covered: named("covered"), uncovered: named("uncovered") };
}

const shop = (claims: Record<string, unknown>) => ({ tokens: { shop: { tenant: "acme", ...claims } } });

test("without a test all branches are uncovered, each by its name", () => {
  expect(covered([])).toEqual({
    counts: { covered: 0, total: 18 },
    covered: [],
    uncovered: [
      "all passes",
      "all without a token of shop",
      "all without scope a",
      "all without scope b",
      "all without claim role with x or y",
      "file passes",
      "file without a link of links",
      "tried only logs",
      "open passes",
      "tenant passes",
      "tenant without a token of shop",
      "tenant without claim tenant with acme",
      "raw its expression holds",
      "raw its expression does not hold",
      "health passes",
      "cors passes",
      "otherwise passes",
      "ambiguous refuses",
    ],
  });
});

test.each<[string, Asked, string[]]>([
  ["the token itself", ["/orders/1"], ["all without a token of shop", "tenant without a token of shop"]],
  ["one scope", ["/orders/1", shop({ scope: "b", role: "x" })], ["all without scope a"]],
  ["the other scope", ["/orders/1", shop({ scope: "a", role: "x" })], ["all without scope b"]],
  ["a claim", ["/orders/1", shop({ scope: "a b" })], ["all without claim role with x or y"]],
  ["two at once prove neither", ["/orders/1", shop({ role: "x" })], []],
  [
    "a rule under always, where the deciding one has nothing against the request",
    ["/orders/1", shop({ scope: "a b", role: "y", tenant: "other" })],
    ["tenant without claim tenant with acme"],
  ],
  [
    "nothing: it passes both",
    ["/orders/1", shop({ scope: "a b", role: "y" })],
    ["all passes", "tenant passes"],
  ],
  ["a link", ["/files/a"], ["file without a link of links"]],
  ["no link", ["/files/a", { links: ["links"] }], ["file passes"]],
  ["what is open", ["/news"], ["open passes"]],
  ["what only logs", ["/tried"], ["tried only logs"]],
  ["an expression that holds", ["/raw", {}, "raw"], ["raw its expression holds"]],
  ["and one that does not", ["/raw"], ["raw its expression does not hold", "otherwise passes"]],
  ["an exception", ["/health"], ["health passes"]],
  [
    "a preflight",
    [
      "/orders/1",
      {
        method: "OPTIONS",
        headers: [
          ["origin", "o"],
          ["access-control-request-method", "GET"],
        ],
      },
    ],
    ["cors passes"],
  ],
  ["what nobody listed", ["/other"], ["otherwise passes"]],
  ["what can be read twice", ["/orders//1"], ["ambiguous refuses"]],
  ["another host's request", ["/news", { host: "www.example.com" }], []],
])("one request covers, for %s", (_name, asked, branches) => {
  expect(covered([asked]).covered).toEqual(branches);
});

test("a host that denies the rest has that as its branch, and counts every branch once", () => {
  const { counts, covered: names } = covered([["/other"], ["/other"], ["/news"]], "otherwise: deny\n");
  expect({ counts, names }).toEqual({
    counts: { covered: 2, total: 18 },
    names: ["open passes", "otherwise refuses"],
  });
});

test("each alternative of a choice is a branch, and a token's own branch needs no other of its ring", () => {
  const more = `keys:
  shop: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
  staff: { algorithm: ES256, tokens: { issuer: b, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: [{ ring: shop, in: [header authorization] }, { ring: staff, in: [header x-staff] }]
rules:
  - { id: any, match: { path: /any }, require: { any: [{ scope: a }, { ring: staff }] } }
  - { id: all, match: { path: /all }, require: { all: [{ scope: a }, { ring: staff, scope: b }] } }
`;
  const found = (path: string, tokens: PolicyRequest["tokens"]) =>
    covered([[path, { tokens: tokens ?? {} }]], "", more).covered.filter(
      (name) => !name.startsWith("ambiguous"),
    );
  expect(found("/any", { staff: {} })).toEqual(["any passes with a token of staff"]);
  expect(found("/any", { shop: { scope: "a" } })).toEqual([
    "any passes with a token of shop, scope a of shop",
  ]);
  expect(found("/any", {})).toEqual([
    "any without either (a token of shop and scope a of shop) or a token of staff",
  ]);
  expect(found("/all", { shop: { scope: "a" } })).toEqual(["all without a token of staff"]);
  expect(found("/all", { shop: { scope: "a" }, staff: {} })).toEqual(["all without scope b of staff"]);
  expect(found("/all", {})).toEqual([]);
  expect(found("/all", { shop: { scope: "a" }, staff: { scope: "b" } })).toEqual(["all passes"]);
});

test("what Cloudflare's language alone can tell is seen from the answer", () => {
  const file = `keys:
  shop: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: office, match: { path: /office }, require: { scope: a, address: 203.0.113.0/24 } }
  - { id: either, match: { path: /either }, require: { any: [{ scope: a }, { certificate: verified }] } }
`;
  const found = (asked: Asked) => covered([asked], "", file).covered;
  const allowed = { tokens: { shop: { scope: "a" } } };
  expect(found(["/office", allowed])).toEqual(["office passes"]);
  expect(found(["/office", allowed, "office"])).toEqual(["office without an address in 203.0.113.0/24"]);
  expect(found(["/office", {}, "office"])).toEqual(["office without a token of shop"]);
  expect(found(["/either", {}])).toEqual(["either passes with a verified client certificate"]);
  expect(found(["/either", {}, "either"])).toEqual([
    "either without either (a token of shop and scope a) or a verified client certificate",
  ]);
});
