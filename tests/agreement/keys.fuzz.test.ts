import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { normalizeKeys } from "../../edge/api/tokenValidation/keys.ts";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { TokenInputError } from "../../scripts/token/findings.ts";
import { keyProblem } from "../../scripts/token/keyProblem.ts";
import { readKeys } from "../../scripts/token/readKeys.ts";

/* What the commands say of a key against what the API of token configurations takes. */
type Jwk = Readonly<Record<string, unknown>>;

function rsa(modulusLength: number): Jwk {
  return {
    ...generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" }),
    alg: "RS256",
  };
}

function ec(namedCurve: string, alg: string): Jwk {
  return { ...generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "jwk" }), alg };
}

function oct(bytes: number, alg: string): Jwk {
  return { kty: "oct", k: Buffer.alloc(bytes, 7).toString("base64url"), alg };
}

const good = [rsa(2048), rsa(1024), ec("P-256", "ES256"), ec("P-384", "ES384"), ec("P-521", "ES512")];
const secrets = [oct(32, "HS256"), oct(31, "HS256"), oct(48, "HS384"), oct(64, "HS512"), oct(64, "HS256")];

const change = fc.oneof(
  { weight: 3, arbitrary: fc.constant<(key: Jwk) => Jwk>((key) => key) },
  fc.constantFrom("alg", "kid", "kty", "crv", "x", "y", "n", "e", "k").map(
    (name) =>
      ({ [name]: _gone, ...rest }: Jwk) =>
        rest,
  ),
  fc
    .constantFrom("ES256", "ES384", "RS256", "PS512", "HS256", "HS512", "EdDSA", "none", "", 5)
    .map((alg) => (key: Jwk) => ({ ...key, alg })),
  fc.constantFrom("RSA", "EC", "oct", "OKP", null).map((kty) => (key: Jwk) => ({ ...key, kty })),
  fc.constantFrom("P-256", "P-384", "", 1).map((crv) => (key: Jwk) => ({ ...key, crv })),
  fc.constantFrom("enc", "sig", 1).map((use) => (key: Jwk) => ({ ...key, use })),
  fc.constantFrom("AQ", "Aw", "AQAB", "AAAB", "", "=", 3).map((e) => (key: Jwk) => ({ ...key, e })),
  fc.constantFrom("", 1, null).map((kid) => (key: Jwk) => ({ ...key, kid })),
  // Bits that nobody reads, padding, the other alphabet, blanks.
  fc
    .constantFrom(
      (k: string) => `${k.slice(0, -1)}d`,
      (k: string) => `${k}=`,
      (k: string) => `+${k}`,
      (k: string) => ` ${k}`,
    )
    .map((spell) => (key: Jwk) => (typeof key.k === "string" ? { ...key, k: spell(key.k) } : key)),
  fc.constant((key: Jwk) => ({ ...key, x: key.y })),
);
const key = fc
  .tuple(fc.constantFrom(...good, ...secrets), fc.constantFrom("k1", "k1", "k2", "k3"), change, change)
  .map(([jwk, kid, first, second]) => second(first({ ...jwk, kid })));

/** Whether the commands take every key of the set, without a word about what they assumed for it. */
function commandTakes(set: readonly Jwk[]): boolean {
  try {
    return readKeys(JSON.stringify({ keys: set })).every(({ jwk, assumed }) => {
      // An RSA key without `alg` counts as RS256 at Cloudflare too.
      const silent = assumed.every((member) => member === "alg" && jwk.kty === "RSA");
      return silent && keyProblem(jwk) === undefined;
    });
  } catch (error) {
    if (error instanceof TokenInputError) return false;
    throw error;
  }
}

function edgeTakes(set: readonly Jwk[]): boolean {
  try {
    const rules = { mostKeys: 10, rsaModulusBits: 2048 };
    return normalizeKeys(set, rules, "").keys.length === set.length;
  } catch {
    return false;
  }
}

test("the commands take the keys that a token configuration takes, and no others", () => {
  const settings = fuzzSettings(0.2);
  const tally = new Tally();
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), (set) => {
      tally.case();
      const taken = edgeTakes(set);
      tally.count(taken ? "taken" : "not taken");
      expect([set, commandTakes(set)]).toEqual([set, taken]);
    }),
    settings,
  );
  tally.print("key sets", settings);
  expect(tally.share("taken")).toBeGreaterThan(0.1);
});
