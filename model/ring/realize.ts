import type { KeyRecord, RingLedger } from "./ledger.ts";
import { isPending, isPublishing } from "./states.ts";

/** Keys whose material must exist: all but those whose end was confirmed at the edge. */
export function keysWithMaterial(ring: RingLedger): readonly KeyRecord[] {
  return ring.keys.filter((key) => key.confirmedAt === undefined);
}

/** Keys Cloudflare must hold, oldest first. */
export function publishedKeys(ring: RingLedger): readonly KeyRecord[] {
  return ring.keys.filter((key) => isPublishing(key.state));
}

/** The key that signs production tokens, if there is one yet. */
export function activeKey(ring: RingLedger): KeyRecord | undefined {
  return ring.keys.find((key) => key.state === "ACTIVE");
}

/** What each key is to the issuer and to the canary. */
export type KeyRole = "active" | "pending" | "retiring" | "retired";

/** The role of a key with material; a ring has at most one active and one pending key. */
export function keyRole(key: KeyRecord): KeyRole {
  if (key.state === "ACTIVE") return "active";
  if (isPending(key.state)) return "pending";
  return key.state === "RETIRING" ? "retiring" : "retired";
}

/** True once a rule of this ring has blocked: it goes on blocking, whatever happens to the keys. */
export function hasBlocked(ring: RingLedger): boolean {
  return ring.keys.some((key) => key.hasSigned);
}

/** True once a key's material may go: its resource is protected until then. */
export function hasEnded(key: KeyRecord): boolean {
  return key.state === "RETIRED" || key.state === "REVOKED" || key.state === "ABORTED";
}

/** The name the ring's next key gets; names are never used twice. */
export function nextName(ring: RingLedger): string {
  return `k${ring.keys.length + 1}`;
}

/** A key by its name. */
export function keyNamed(ring: RingLedger, name: string): KeyRecord | undefined {
  return ring.keys.find((key) => key.name === name);
}
