import type { Ring, Zone } from "../definition/types.ts";
import { algorithmOf } from "../facts/algorithms.ts";
import { limitOf } from "../facts/limits.ts";
import { RESERVED_KEYS } from "../facts/rotationDefaults.ts";
import type { RingDefinition } from "./next.ts";

/** Characters of a symmetric secret: letters and digits, about 6 bits each, so 64 of them suffice for HS512. */
const SECRET_CHARACTERS = 64;

/** HMAC links are always HMAC-SHA256 (Cloudflare: `is_timed_hmac_valid_v0`, 2026-11). */
const LINK_ALGORITHM = "HS256";

/** The id under which the ledger and all resources know a ring; a renamed ring keeps its first one. */
export function ledgerId(ring: Pick<Ring, "id" | "was">): string {
  return ring.was ?? ring.id;
}

/** A ring as the ledger sees it: what its next key is made of, and how many keys may exist at once. */
export function ringDefinition(ring: Ring, zones: readonly Zone[]): RingDefinition {
  const algorithm = ring.kind === "jwt" ? ring.algorithm : LINK_ALGORITHM;
  const limits = zones.map((zone) => limitOf(zone, "keysPerConfiguration"));
  return {
    id: ledgerId(ring),
    kind: ring.kind,
    algorithm,
    size: sizeOf(algorithm, ring.kind === "jwt" ? ring.modulus : undefined),
    lifetimeSeconds: ring.kind === "jwt" ? ring.lifetime : Math.max(ring.lifetime, ring.longestLifetime ?? 0),
    keyLimit: Math.min(...limits),
    reserve: RESERVED_KEYS,
  };
}

/** See `KeyRecord.size`; a new RSA key has the smallest modulus that is allowed where the ring says nothing. */
function sizeOf(alg: string, modulus: number | undefined): number {
  const row = algorithmOf(alg);
  if (row?.kty === "oct") return SECRET_CHARACTERS;
  return modulus ?? row?.minModulusBits ?? 0;
}
