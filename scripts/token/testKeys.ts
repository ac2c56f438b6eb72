import { exportJWK, generateKeyPair, type JWK } from "jose";
import { algorithmOf } from "../../model/facts/algorithms.ts";
import type { TokenKey } from "./readKeys.ts";

/** For tests: a private JWK with `kid` and `alg`. HS secrets are 64 repeated letters, as long as HS512 wants them. */
export async function makeKey(alg: string, kid: string, letter = "s"): Promise<JWK> {
  if (algorithmOf(alg)?.kty === "oct") {
    return { kty: "oct", k: Buffer.from(letter.repeat(64)).toString("base64url"), kid, alg };
  }
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg };
}

/** For tests: a key as if it had been read from a JWK. */
export function asTokenKey(jwk: JWK): TokenKey {
  return { jwk, label: "the JWK", assumed: [] };
}

/** For tests: a token of any header and claims, signed by nobody. */
export function unsigned(header: unknown, claims: unknown, signature = "c2ln"): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.${signature}`;
}
