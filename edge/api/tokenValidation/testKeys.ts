import { generateKeyPairSync } from "node:crypto";

/** Keys for tests, made once for each process. */

const ec = (namedCurve: string) =>
  generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "jwk" });
const rsa = (modulusLength: number) =>
  generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" });

const p256 = ec("P-256");
const p384 = ec("P-384");
const p521 = ec("P-521");
const rsa2048 = rsa(2048);
const rsa1024 = rsa(1024);

export const es256 = (kid: string) => ({ ...p256, kid, alg: "ES256" });
export const es384 = (kid: string) => ({ ...p384, kid, alg: "ES384" });
export const es512 = (kid: string) => ({ ...p521, kid, alg: "ES512" });
export const rs256 = (kid: string) => ({ ...rsa2048, kid, alg: "RS256" });
export const weakRsa = (kid: string) => ({ ...rsa1024, kid, alg: "RS256" });
/** A secret of `bytes` bytes, each of them `fill`. */
export const secretOf = (bytes: number, fill = 7) => Buffer.alloc(bytes, fill).toString("base64url");
export const hs256 = (kid: string, fill = 7) => ({ kty: "oct", kid, alg: "HS256", k: secretOf(32, fill) });
