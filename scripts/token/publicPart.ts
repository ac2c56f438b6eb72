import type { JWK } from "jose";

/** Members of a JWK that verifiers may see (RFC 7517 §4, RFC 7518 §6); `use` is none of them: Cloudflare does not look at it. */
const publicMembers = ["kty", "kid", "alg", "crv", "x", "y", "n", "e"] as const;

/**
 * The part of a key that verifies: for RSA and EC only its public members; an `oct` key is its secret, whole.
 */
export function publicPart(jwk: JWK): JWK {
  const names = jwk.kty === "oct" ? ([...publicMembers, "k"] as const) : publicMembers;
  return Object.fromEntries(
    names.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  ) as JWK;
}
