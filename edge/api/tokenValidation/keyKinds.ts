import { JWS_ALGORITHMS } from "../../token/algorithms.ts";

type Member = "alg" | "crv" | "e" | "k" | "kid" | "kty" | "n" | "x" | "y";

/** One kind of verification key that a token configuration takes. */
export interface KeyKind {
  readonly alg: string;
  readonly kty: "RSA" | "EC" | "oct";
  /** EC only. */
  readonly crv?: string;
  /** HMAC only: the least length of the decoded secret, in bytes. */
  readonly secretBytes?: number;
  /** The members that are kept; all others are removed. */
  readonly members: readonly Member[];
}

/** Source: types of the official SDK cloudflare 7.3.0 (asOf 2026-11). */
const members: Readonly<Record<KeyKind["kty"], readonly Member[]>> = {
  RSA: ["alg", "e", "kid", "kty", "n"],
  EC: ["alg", "crv", "kid", "kty", "x", "y"],
  oct: ["alg", "k", "kid", "kty"],
};

/** Source: developers.cloudflare.com: API Shield, JWT validation (asOf 2026-11); as RFC 7518 §3.2 asks. */
const secretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** A kind for each algorithm that the edge verifies. */
export const keyKinds: readonly KeyKind[] = [...JWS_ALGORITHMS].map(([alg, { kty, crv }]) => {
  const least = secretBytes[alg];
  return {
    alg,
    kty,
    ...(crv === undefined ? {} : { crv }),
    ...(least === undefined ? {} : { secretBytes: least }),
    members: members[kty],
  };
});
