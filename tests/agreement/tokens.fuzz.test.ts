import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { resolveChoices } from "../../edge/choices.ts";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { prepareConfiguration } from "../../edge/token/configuration.ts";
import { validateRequest } from "../../edge/token/validate.ts";
import { readKeys } from "../../scripts/token/readKeys.ts";
import { verifyJwt } from "../../scripts/token/verifyJwt.ts";

/* `token verify` and the edge were written from the same documentation and share no code. */
const NOW = Date.UTC(2026, 10, 22, 12);
const SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01";
const JWK = { kty: "oct", k: Buffer.from(SECRET).toString("base64url"), kid: "k1", alg: "HS256" } as const;
const KEYS = readKeys(JSON.stringify(JWK));
const CHOICES = resolveChoices({});
const CONFIGURATION = prepareConfiguration({
  id: "00000000-0000-4000-8000-000000000000",
  title: "t",
  description: "d",
  token_type: "JWT",
  token_sources: ['http.request.headers["authorization"][0]'],
  keys: [JWK],
  created_at: "2026-01-01T00:00:00Z",
  last_updated: "2026-01-01T00:00:00Z",
});

function sign(header: unknown, claims: string, secret: string): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${Buffer.from(claims).toString("base64url")}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

const instant = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((off) => NOW / 1000 - 60 + off),
  fc.integer({ min: -3, max: 3 }).map((off) => NOW / 1000 + 60 + off),
  fc.integer({ min: -3600, max: 3600 }).map((off) => NOW / 1000 + off),
  fc.constantFrom(0, -1, 1.5, 1e300, 2 ** 53, NOW),
);
const claim = fc.oneof(
  { weight: 6, arbitrary: instant },
  fc.constantFrom("1", null, true, [], {}) as fc.Arbitrary<unknown>,
);
const claims = fc
  .record({ exp: claim, nbf: claim, iat: claim, sub: fc.string() }, { requiredKeys: [] })
  .map((value) => JSON.stringify(value));
const repeated = fc.constantFrom(
  '{"exp":1,"exp":2}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"b":1}}',
  "[]",
  "7",
  "{",
  "",
);
/** Documents in which V8 may take one escaped name for another's. */
const escaped = fc
  .uniqueArray(fc.constantFrom('"', "\\", "a", "\\u0022", "__proto__"), { maxLength: 4 })
  .map((names) => JSON.stringify(Object.fromEntries(names.map((name) => [name, 1]))));
const document = fc.oneof(
  { weight: 8, arbitrary: claims },
  { weight: 1, arbitrary: repeated },
  { weight: 2, arbitrary: escaped },
);
const header = fc.record({
  alg: fc.constantFrom(...Array.from({ length: 9 }, () => "HS256"), "HS384", "none", "ES256"),
  kid: fc.constantFrom(...Array.from({ length: 9 }, () => "k1"), "k2", ""),
  typ: fc.constant("JWT"),
});
const broken = fc.constantFrom(
  ...Array.from({ length: 15 }, () => (token: string) => token),
  (token: string) => token.slice(0, -1),
  (token: string) => `${token}=`,
  (token: string) => token.replace(".", ".."),
  (token: string) => `${token}.x`,
  (token: string) => token.replace(/^./, "f"),
);
/** Lower case is refused at the edge by choice; no other spelling than these two is documented. */
const prefix = fc.constantFrom(
  "",
  "",
  "Bearer ",
  "Bearer: ",
  "Bearer   ",
  "bearer ",
  "BEARER ",
  "Bearer",
  "JWT ",
);

test("token verify and the edge accept and refuse the same tokens", async () => {
  const settings = fuzzSettings(0.3);
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(
      header,
      document,
      fc.constantFrom(SECRET, SECRET, SECRET, "another"),
      broken,
      prefix,
      async (head, text, secret, damage, before) => {
        tally.case();
        const token = before + damage(sign(head, text, secret));
        const command = await verifyJwt(token, KEYS, { now: new Date(NOW) });
        const carrier = { header: () => token, cookie: () => undefined };
        const edge = validateRequest(CONFIGURATION, carrier, NOW, CHOICES);
        expect([token, command.accepted]).toEqual([token, edge.valid]);
        if (edge.valid) expect(Object.keys(command.claims ?? {})).toEqual(Object.keys(edge.claims));
        tally.count(edge.valid ? "valid" : edge.problem);
      },
    ),
    settings,
  );
  tally.print("tokens, verify and edge", settings);
  expect(tally.share("valid")).toBeGreaterThan(0.05);
});
