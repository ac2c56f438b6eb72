import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from "node:crypto";

/** How one JWS algorithm (RFC 7518 §3.1) is verified at the edge. */
export interface JwsAlgorithm {
  readonly kty: "RSA" | "EC" | "oct";
  readonly crv?: string;
  /** Answers whether `signature` is right; wrong lengths are simply not right. */
  readonly verify: (key: KeyObject, signed: Uint8Array, signature: Uint8Array) => boolean;
}

/**
 * The algorithms of token configurations. ES512 and EdDSA are not among them.
 * Source: developers.cloudflare.com/api-shield/security/jwt-validation (asOf 2026-11; HS* since 2026-08-25).
 */
export const JWS_ALGORITHMS: ReadonlyMap<string, JwsAlgorithm> = new Map([
  ["RS256", rsa("sha256")],
  ["RS384", rsa("sha384")],
  ["RS512", rsa("sha512")],
  ["PS256", rsaPss("sha256", 32)],
  ["PS384", rsaPss("sha384", 48)],
  ["PS512", rsaPss("sha512", 64)],
  ["ES256", ecdsa("sha256", "P-256", 64)],
  ["ES384", ecdsa("sha384", "P-384", 96)],
  ["HS256", hmac("sha256")],
  ["HS384", hmac("sha384")],
  ["HS512", hmac("sha512")],
]);

function rsa(hash: string): JwsAlgorithm {
  return { kty: "RSA", verify: (key, signed, signature) => verify(hash, signed, key, signature) };
}

/** RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash. */
function rsaPss(hash: string, saltLength: number): JwsAlgorithm {
  return {
    kty: "RSA",
    verify: (key, signed, signature) =>
      verify(hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature),
  };
}

/** RFC 7518 §3.4: the signature is R || S of fixed length, not DER. */
function ecdsa(hash: string, crv: string, length: number): JwsAlgorithm {
  return {
    kty: "EC",
    crv,
    verify: (key, signed, signature) =>
      signature.length === length && verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, signature),
  };
}

function hmac(hash: string): JwsAlgorithm {
  return {
    kty: "oct",
    verify(key, signed, signature) {
      const expected = createHmac(hash, key).update(signed).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    },
  };
}
