import { expect, test } from "vitest";
import { formatProblems } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import type { Environment, RingOverride } from "./types.ts";

const TEXT = `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
  staff: { from: { issuer: https://id.example/ }, tokens: { audience: api, lifetime: 1h } }
  team: { from: { jwks: https://id.example/set }, tokens: { issuer: team, audience: api, lifetime: 1h } }
  files: { hmac: { parameter: verify, lifetime: 3h }, rotation: { every: 30d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: a, match: { path: /a }, require: { ring: shop } }
  - { id: b, match: { path: /b }, require: { ring: staff } }
  - { id: c, match: { path: /c }, require: { ring: team } }
  - { id: d, match: { path: /d }, require: { link: files } }
`;

function load(rings: Readonly<Record<string, RingOverride>>) {
  const environment: Environment = {
    stack: "staging",
    zones: [{ id: "0".repeat(32), name: "example.com", plan: "enterprise", addOns: ["api_shield"] }],
    rings,
  };
  return loadDefinitions([{ path: "api.yaml", text: TEXT }], environment);
}

test("a stack has its own issuers, audiences and addresses; what it does not say stays", () => {
  const { definitions, problems } = load({
    shop: { issuer: ["https://b.example/", "https://c.example/"] },
    staff: { issuer: ["https://id.staging.example/"], audience: ["web"] },
    team: { jwks: "https://id.staging.example/set" },
  });
  expect(formatProblems(problems)).toBe("");
  expect(definitions.rings).toMatchObject([
    { id: "shop", issuers: ["https://b.example/", "https://c.example/"], audiences: ["api"] },
    {
      id: "staff",
      from: { kind: "issuer", issuer: "https://id.staging.example/" },
      issuers: ["https://id.staging.example/"],
      audiences: ["web"],
    },
    { id: "team", from: { kind: "jwks", url: "https://id.staging.example/set" }, issuers: ["team"] },
    { id: "files" },
  ]);
});

test("what a ring cannot have is refused, all of it at once", () => {
  const { problems } = load({
    shop: { jwks: "https://a.example/set" },
    staff: { issuer: ["id.example"] },
    files: { audience: ["web"] },
    nobody: { audience: ["web"] },
  });
  expect(formatProblems(problems)).toBe(
    `Pulumi.staging.yaml:1:1 RING_OVERRIDE_INVALID: keyturn:rings.shop says jwks, and the ring has no from: { jwks }
    remove it; keys that an issuer names go with issuer
Pulumi.staging.yaml:1:1 RING_OVERRIDE_INVALID: keyturn:rings.staff says issuer id.example, and its keys are had from there
    write its https address first, such as https://example.eu.auth0.com/
Pulumi.staging.yaml:1:1 RING_OVERRIDE_INVALID: keyturn:rings.files is a ring of links
    remove it: links have no issuer
Pulumi.staging.yaml:1:1 RING_OVERRIDE_INVALID: keyturn:rings.nobody is no ring of the definitions
    define it under keys, or remove nobody`,
  );
});
