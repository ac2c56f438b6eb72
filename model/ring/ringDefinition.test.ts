import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment, Zone } from "../definition/types.ts";
import { ledgerId, ringDefinition, tokenPlaces } from "./ringDefinition.ts";

const COM: Zone = {
  id: "0".repeat(32),
  name: "example.com",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
};
const ORG: Zone = { ...COM, id: "1".repeat(32), name: "example.org", limits: { keysPerConfiguration: 4 } };
const ENVIRONMENT: Environment = { stack: "dev", zones: [COM, ORG] };

const KEYS = `keys:
  shop: { was: store, algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d, signerLag: 5m } }
  staff: { algorithm: RS256, modulus: 3072, tokens: { issuer: https://b.example/, audience: api, lifetime: 1h }, rotation: { every: 30d } }
  crew: { algorithm: PS384, tokens: { issuer: https://c.example/, audience: api, lifetime: 1h }, rotation: { every: 30d } }
  inner: { algorithm: HS256, tokens: { issuer: https://d.example/, audience: api, lifetime: 1h }, rotation: { every: 30d } }
  files: { hmac: { parameter: verify, lifetime: 3h, bind: [path] }, rotation: { every: 30d } }
`;

const host = (name: string, tokens: string) =>
  `host: ${name}\ntokens: ${tokens}\nrules:\n  - { id: ${name.replaceAll(".", "-")}, match: { path: /a }, require: { ring: shop } }\n`;

const { definitions, problems } = loadDefinitions(
  [
    { path: "rules/keys.yaml", text: KEYS },
    {
      path: "rules/com.yaml",
      text: host(
        "api.example.com",
        "[{ ring: shop, in: [header authorization, cookie session] }, { ring: staff, in: [header x-staff] }]",
      ),
    },
    { path: "rules/www.yaml", text: host("www.example.com", "{ ring: shop, in: [header authorization] }") },
    { path: "rules/org.yaml", text: host("api.example.org", "{ ring: shop, in: [header authorization] }") },
  ],
  ENVIRONMENT,
);

function defined(id: string, zones: readonly Zone[]) {
  const ring = definitions.rings.find((candidate) => candidate.id === id);
  if (ring === undefined) throw new Error(`no ring ${id}`);
  return ringDefinition(ring, zones, definitions.hosts);
}

test("the definitions of this test are right", () => {
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("the ledger knows a ring by its first id, with what its next key is made of and its waits", () => {
  const { overlapSeconds, ...shop } = defined("shop", [COM]);
  expect(shop).toEqual({
    id: "store",
    kind: "jwt",
    algorithm: "ES256",
    size: 0,
    lifetimeSeconds: 900,
    keyLimit: 16,
    reserve: 1,
    signerLagSeconds: 300,
    places: [`${COM.id} cookie session`, `${COM.id} header authorization`, `${ORG.id} header authorization`],
    accepts: [
      { claim: "iss", value: "https://a.example/" },
      { claim: "aud", value: "api" },
    ],
  });
  expect(overlapSeconds(900)).toBe(86_400);
  expect([ledgerId({ id: "a" }), ledgerId({ id: "a", was: "b" })]).toEqual(["a", "b"]);
});

test("of several zones the one that takes the fewest keys counts", () => {
  const limit = (zones: readonly Zone[]) => defined("shop", zones).keyLimit;
  expect([limit([COM]), limit([ORG]), limit([COM, ORG]), limit([ORG, COM])]).toEqual([16, 4, 4, 4]);
});

test("a key's size is its modulus, its characters, or nothing", () => {
  const sizes = ["staff", "crew", "inner", "files", "shop"].map((id) => defined(id, [COM]));
  expect(sizes.map(({ kind, algorithm, size }) => [kind, algorithm, size])).toEqual([
    ["jwt", "RS256", 3072],
    ["jwt", "PS384", 2048],
    ["jwt", "HS256", 64],
    ["hmac", "HS256", 64],
    ["jwt", "ES256", 0],
  ]);
});

test("places are those of the ring's own tokens, each once; a ring that no host names has none", () => {
  expect(tokenPlaces("staff", definitions.hosts)).toEqual([`${COM.id} header x-staff`]);
  expect(defined("files", [COM]).places).toEqual([]);
});
