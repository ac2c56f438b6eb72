import { expect, test } from "vitest";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { asRequest } from "./asRequest.ts";
import { readPolicyTests } from "./read.ts";

const { definitions } = loadDefinitions(
  [
    {
      path: "api.yaml",
      text: `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
  other: { algorithm: ES256, tokens: { issuer: https://b.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
  files: { hmac: { parameter: verify, lifetime: 1h, bind: [path] }, rotation: { every: 30d } }
  whole: { hmac: { parameter: verify, lifetime: 1h, bind: [path, query] }, rotation: { every: 30d } }
host: api.example.com
tokens: { ring: shop, in: [cookie session, header authorization] }
rules: [{ id: files, match: { path: /files/* }, require: { link: files } }]
`,
    },
  ],
  enterprise,
);

/** What the test asks for, as one that policies take. */
function asked(test: string) {
  const own = test.includes("path:") ? "" : ", path: /a";
  const text = `host: api.example.com\ntests: [{ expect: passes, ${test}${own} }]\n`;
  const { tests, problems } = readPolicyTests([{ path: "api.test.yaml", text }], definitions);
  expect(problems).toEqual([]);
  const [{ tokens = {}, links = [], headers = [], method, path } = { method: "", path: "" }] = tests.map(
    (each) => asRequest(each, definitions),
  );
  return { is: `${method} ${path}`, tokens, links, headers };
}

const COOKIE = ["cookie", "session=token"];
const said = { iss: "https://a.example/", aud: "api", sub: "policy-test" };

test.each<[string, object]>([
  ["method: POST, headers: { origin: a }", { is: "POST /a", headers: [["origin", "a"]] }],
  ["token: none", {}],
  ["token: { ring: shop }", { headers: [COOKIE], tokens: { shop: said } }],
  [
    "token: { ring: shop, claims: { scope: read, sub: me } }",
    { headers: [COOKIE], tokens: { shop: { ...said, scope: "read", sub: "me" } } },
  ],
  ["token: { ring: shop }, after: 15m", { headers: [COOKIE], tokens: { shop: said } }],
  ["token: { ring: shop }, after: 16m", { headers: [COOKIE] }],
  ["token: { ring: shop, is: foreign key }", { headers: [COOKIE] }],
  ["token: { ring: shop, claims: { exp: soon } }", { headers: [COOKIE] }],
  ["token: { ring: shop, claims: { iss: me } }", { headers: [COOKIE] }],
  ["token: { ring: other }", { headers: [["authorization", "token"]] }],
  ["link: files", { links: ["files"] }],
  ["link: files, after: 1h", { links: ["files"] }],
  ["link: files, after: 61m", {}],
  ['link: files, path: "/a?b=c"', {}],
  ['link: whole, path: "/a?b=c"', { links: ["whole"] }],
])("%s", (test, expected) => {
  expect(asked(test)).toEqual({ is: "GET /a", tokens: {}, links: [], headers: [], ...expected });
});
