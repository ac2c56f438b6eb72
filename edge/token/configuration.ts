import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import type { StoredKey, TokenConfiguration } from "../world/types.ts";
import { JWS_ALGORITHMS, type JwsAlgorithm } from "./algorithms.ts";
import { parseTokenSource, type TokenSource } from "./source.ts";

export interface PreparedKey {
  readonly algorithm: JwsAlgorithm;
  readonly key: KeyObject;
}

/** A token configuration ready to verify with: sources read, keys imported. */
export interface PreparedConfiguration {
  readonly id: string;
  readonly sources: readonly TokenSource[];
  /** The key whose `kid` and `alg` both equal the token's header (developers.cloudflare.com, asOf 2026-11). */
  key(kid: string, alg: string): PreparedKey | undefined;
}

const prepared = new WeakMap<TokenConfiguration, PreparedConfiguration>();

/** Prepares a configuration once per object: a change arrives as another object. */
export function prepareConfiguration(configuration: TokenConfiguration): PreparedConfiguration {
  let ready = prepared.get(configuration);
  if (ready === undefined) {
    ready = prepare(configuration);
    prepared.set(configuration, ready);
  }
  return ready;
}

function prepare(configuration: TokenConfiguration): PreparedConfiguration {
  const keys = new Map<string, Map<string, PreparedKey>>();
  for (const stored of configuration.keys) {
    const key = importKey(stored);
    if (key === undefined) continue;
    const byAlgorithm = keys.get(stored.kid) ?? new Map<string, PreparedKey>();
    byAlgorithm.set(stored.alg, key);
    keys.set(stored.kid, byAlgorithm);
  }
  return {
    id: configuration.id,
    sources: configuration.token_sources.map(parseTokenSource).filter((source) => source !== undefined),
    key: (kid, alg) => keys.get(kid)?.get(alg),
  };
}

/** A key that cannot be imported verifies nothing, like one that was never there. */
function importKey(stored: StoredKey): PreparedKey | undefined {
  const algorithm = JWS_ALGORITHMS.get(stored.alg);
  if (algorithm === undefined || algorithm.kty !== stored.kty) return undefined;
  if (algorithm.crv !== undefined && algorithm.crv !== stored.crv) return undefined;
  try {
    if (stored.kty === "oct") {
      if (stored.k === undefined || stored.k === "") return undefined;
      return { algorithm, key: createSecretKey(stored.k, "base64url") };
    }
    return { algorithm, key: createPublicKey({ key: publicJwk(stored), format: "jwk" }) };
  } catch {
    return undefined;
  }
}

function publicJwk(stored: StoredKey): Record<string, string> {
  const members = { kty: stored.kty, crv: stored.crv, x: stored.x, y: stored.y, n: stored.n, e: stored.e };
  return Object.fromEntries(Object.entries(members).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
}
