/** One kind of verification key that a token configuration takes. */
export interface KeyKind {
  readonly alg: string;
  readonly kty: "RSA" | "EC" | "oct";
  /** EC only. */
  readonly crv?: string;
  /** HMAC only: the least length of the decoded secret, in bytes. */
  readonly secretBytes?: number;
  /** The members that are kept; all others are removed. */
  readonly members: readonly ("alg" | "crv" | "e" | "k" | "kid" | "kty" | "n" | "x" | "y")[];
}

const rsa = (alg: string): KeyKind => ({ alg, kty: "RSA", members: ["alg", "e", "kid", "kty", "n"] });
const ec = (alg: string, crv: string): KeyKind => ({
  alg,
  kty: "EC",
  crv,
  members: ["alg", "crv", "kid", "kty", "x", "y"],
});
const oct = (alg: string, secretBytes: number): KeyKind => ({
  alg,
  kty: "oct",
  secretBytes,
  members: ["alg", "k", "kid", "kty"],
});

/**
 * All supported kinds. Source: developers.cloudflare.com: API Shield, JWT validation; oct since 2026-08-25
 * (asOf 2026-11). ES512 and EdDSA are not supported.
 */
export const keyKinds: readonly KeyKind[] = [
  rsa("RS256"),
  rsa("RS384"),
  rsa("RS512"),
  rsa("PS256"),
  rsa("PS384"),
  rsa("PS512"),
  ec("ES256", "P-256"),
  ec("ES384", "P-384"),
  oct("HS256", 32),
  oct("HS384", 48),
  oct("HS512", 64),
];
