import type { JWK } from "jose";
import { publicPart } from "../../../scripts/token/keyProblem.ts";
import { allKeys, type RingKeys } from "./keySource.ts";

/**
 * The JWKS (RFC 7517 §5) that other verifiers read: the public part of every asymmetric key, the pending and
 * the retiring ones too. Symmetric keys are secrets, so none is in it.
 */
export function publicKeySet(keys: Readonly<Record<string, RingKeys>>): { readonly keys: readonly JWK[] } {
  const asymmetric = Object.values(keys)
    .flatMap(allKeys)
    .filter((key) => key.kty === "RSA" || key.kty === "EC");
  return { keys: asymmetric.map((key) => ({ ...publicPart(key), use: "sig" })) };
}
