import { describe, expect, test } from "vitest";
import { FIELDS } from "../../edge/language/fields.ts";
import { placeGap } from "../../edge/language/places.ts";
import { growth, LINEAR } from "../../edge/language/testing/growth.ts";
import { ADD_ONS, type AddOn, type Plan } from "../facts/limits.ts";
import { loadDefinitions } from "./load.ts";
import { secretKind } from "./secrets.ts";

const keys = `keys:
  storefront: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
`;

/** What is said about one rule with this raw expression. */
function problemsOf(expression: string, plan: Plan = "enterprise", addOns: readonly AddOn[] = ADD_ONS) {
  const rules = `host: api.example.com\nrules:\n  - id: raw\n    expression: ${JSON.stringify(expression)}\n`;
  const zone = { id: "0".repeat(32), name: "example.com", plan, addOns };
  const { problems } = loadDefinitions(
    [
      { path: "keys.yaml", text: keys },
      { path: "api.yaml", text: `${rules}    require: { ring: storefront }\n` },
    ],
    { stack: "dev", zones: [zone] },
  );
  return problems.map(({ code, message, hint }) => `${code}: ${message} (${hint})`);
}

/** A condition that reads a field of this type. */
function condition(name: string, type: string): string {
  if (type === "Bool") return name;
  if (type === "String" || type === "Bytes")
    return type === "String" ? `${name} eq "a"` : `len(${name}) gt 1`;
  if (type === "Integer") return `${name} eq 1`;
  return type === "IP" ? `${name} in {::1}` : `len(${name}) gt 0`;
}

describe("a raw expression is refused for what Cloudflare would refuse, and nothing else", () => {
  const here = { phase: "http_request_firewall_custom", use: "filter" } as const;
  test.each([...FIELDS.values()].map((row) => [row.name, row] as const))("%s", (name, row) => {
    const isHere = placeGap(row.places, here) === undefined && !row.characteristicOnly;
    const said = problemsOf(condition(name, row.type));
    expect(said.length).toBe(isHere ? 0 : 1);
    if (!isHere)
      expect(said[0]).toMatch(/^EXPRESSION_INVALID: .* is (?:available only in|a characteristic) /);
  });

  test.each([
    [
      "cf.bot_management.score lt 30",
      "enterprise",
      [],
      "cf.bot_management.score needs the add-on bot_management",
    ],
    [
      "ip.src.is_in_european_union",
      "pro",
      [],
      "ip.src.is_in_european_union needs the plan business, and this is pro",
    ],
    [
      'any(split(http.host, ".", 2)[*] eq "a")',
      "enterprise",
      [],
      "split is available only in response header transform rules and custom error rules",
    ],
  ] as const)("%s on %s", (expression, plan, addOns, message) => {
    expect(problemsOf(expression, plan, addOns).find((each) => each.startsWith("EXPRESSION"))).toContain(
      `EXPRESSION_INVALID: ${message} (`,
    );
  });

  test.each([
    "cf.tls_client_auth.cert_unverified",
    "cf.tls_client_auth.cert_not_revoked",
    "not cf.client.human",
  ])("%s: no guess, which might be the opposite", (expression) => {
    expect(problemsOf(expression)).toEqual([
      `EXPRESSION_INVALID: there is no field ${expression.replace("not ", "")} (correct the expression; Cloudflare would refuse the whole deploy for it)`,
    ]);
  });
});

test.each([
  "hmac",
  'hmac("',
  "eyJ",
  "eyJ-",
  "eyJaaaaaaaa.",
  '"k":',
  "0a",
  "-----BEGIN ",
  "is_timed_hmac_valid_v0(",
  "aB3-",
])("a definition full of %j is read in linear time", (piece) => {
  expect(growth(piece, secretKind)).toBeLessThan(LINEAR);
});

test.each([
  "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
  "Bearer_eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.",
  "a.b.eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.x",
])("%s is a token", (text) => {
  expect(secretKind(text)).toBe("a token");
  expect(secretKind(text.replaceAll("eyJ", "eyX"))).not.toBe("a token");
});
