const SOURCE = "developers.cloudflare.com/api-shield/security/jwt-validation: supported algorithms";
const AS_OF = "2026-11";

/** A signature algorithm that Cloudflare verifies, and what its keys must be like. */
export interface Algorithm {
  /** RFC 7518 name. */
  readonly alg: string;
  readonly kty: "RSA" | "EC" | "oct";
  /** Curve of an EC key (RFC 7518 section 6.2.1.1). */
  readonly crv?: "P-256" | "P-384";
  /** Smallest RSA modulus in bits (RFC 7518 section 3.3). */
  readonly minModulusBits?: number;
  /** Smallest symmetric key in bytes (RFC 7518 section 3.2). */
  readonly minSecretBytes?: number;
  readonly source: string;
  readonly asOf: string;
}

const row = { source: SOURCE, asOf: AS_OF } as const;

/** Every algorithm a ring may have. */
export const algorithms: readonly Algorithm[] = [
  { alg: "ES256", kty: "EC", crv: "P-256", ...row },
  { alg: "ES384", kty: "EC", crv: "P-384", ...row },
  { alg: "RS256", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "RS384", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "RS512", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "PS256", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "PS384", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "PS512", kty: "RSA", minModulusBits: 2048, ...row },
  { alg: "HS256", kty: "oct", minSecretBytes: 32, ...row },
  { alg: "HS384", kty: "oct", minSecretBytes: 48, ...row },
  { alg: "HS512", kty: "oct", minSecretBytes: 64, ...row },
];

/** Algorithms that people ask for and that keyturn refuses, each with the reason. */
export const refusedAlgorithms: Readonly<Record<string, string>> = {
  none: "an unsigned token proves nothing (RFC 8725 section 3.2)",
  ES512: "Cloudflare does not verify ES512",
  EdDSA: "Cloudflare does not verify EdDSA",
  Ed25519: "Cloudflare does not verify EdDSA",
  ES256K: "Cloudflare does not verify ES256K",
  RS1: "SHA-1 signatures are broken",
};

/** The row of an algorithm, or undefined when it is not allowed. */
export function algorithmOf(alg: string): Algorithm | undefined {
  return algorithms.find((row) => row.alg === alg);
}

/** True when one secret signs and verifies, so that whoever reads it can mint (RFC 7518 section 3.2). */
export function isSymmetric(alg: string): boolean {
  return algorithmOf(alg)?.kty === "oct";
}
