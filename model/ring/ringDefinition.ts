import {
  type HostDefinition,
  isTokenRing,
  type Ring,
  type TokenSource,
  type Zone,
} from "../definition/types.ts";
import { algorithmOf } from "../facts/algorithms.ts";
import { limitOf } from "../facts/limits.ts";
import { SECRET_LENGTH } from "../facts/placeholders.ts";
import { RESERVED_KEYS } from "../facts/rotationDefaults.ts";
import { rotationPolicy } from "../rotationPolicy/policy.ts";
import type { Accepted } from "./ledger.ts";

/** What the definitions say about a ring, as far as the ledger is concerned. */
export interface RingDefinition {
  readonly id: string;
  readonly kind: Ring["kind"];
  readonly algorithm: string;
  /** See `KeyRecord.size`. */
  readonly size: number;
  /** Longest lifetime of its tokens or links, in seconds. */
  readonly lifetimeSeconds: number;
  /** Keys Cloudflare takes per configuration, and how many of these stay free for an emergency. */
  readonly keyLimit: number;
  readonly reserve: number;
  /** L: how long after a promotion an issuer may still sign with the old key, in seconds. */
  readonly signerLagSeconds: number;
  /** O: from the acknowledged promotion to the retirement, for a lifetime, both in seconds. */
  readonly overlapSeconds: (lifetimeSeconds: number) => number;
  /** See `tokenPlaces`. */
  readonly places: readonly string[];
  /** What its tokens may have as `iss` and `aud`, new ones first. */
  readonly accepts: readonly Accepted[];
}

/** HMAC links are always HMAC-SHA256 (Cloudflare: `is_timed_hmac_valid_v0`, 2026-11). */
const LINK_ALGORITHM = "HS256";

/** The id under which the ledger and all resources know a ring; a renamed ring keeps its first one. */
export function ledgerId(ring: Pick<Ring, "id" | "was">): string {
  return ring.was ?? ring.id;
}

/** Every place where hosts have a ring's tokens: zone id, `header` or `cookie`, name. Links have none. */
export function tokenPlaces(ring: Ring["id"], hosts: readonly HostDefinition[]): readonly string[] {
  const places = hosts.flatMap((host) =>
    host.tokens
      .filter((use) => use.ring === ring)
      .flatMap((use) => use.sources.map((source) => tokenPlace(host.zone, source))),
  );
  return [...new Set(places)].sort();
}

/** A place of tokens, as the ledger names it. */
export function tokenPlace({ id }: Zone, { kind, name }: TokenSource): string {
  return `${id} ${kind} ${name}`;
}

/** What a ring's tokens may have as `iss` and `aud`. */
function acceptsOf(ring: Ring): readonly Accepted[] {
  if (!isTokenRing(ring)) return [];
  return [
    ...ring.issuers.map((value) => ({ claim: "iss" as const, value })),
    ...ring.audiences.map((value) => ({ claim: "aud" as const, value })),
  ];
}

/** A ring as the ledger sees it: what its next key is made of, and how many keys may exist at once. */
export function ringDefinition(
  ring: Ring,
  zones: readonly Zone[],
  hosts: readonly HostDefinition[],
): RingDefinition {
  const { algorithm, modulus } = madeOf(ring);
  const { lifetimeSeconds, signerLagSeconds, overlapSeconds } = rotationPolicy(ring);
  const limits = zones.map((zone) => limitOf(zone, "keysPerConfiguration"));
  return {
    id: ledgerId(ring),
    kind: ring.kind,
    algorithm,
    size: sizeOf(algorithm, modulus),
    lifetimeSeconds,
    signerLagSeconds,
    overlapSeconds,
    keyLimit: Math.min(...limits),
    // Nobody here makes a substitute for somebody else's key.
    reserve: ring.kind === "mirror" ? 0 : RESERVED_KEYS,
    places: tokenPlaces(ring.id, hosts),
    accepts: acceptsOf(ring),
  };
}

function madeOf(ring: Ring): { readonly algorithm: string; readonly modulus?: number | undefined } {
  switch (ring.kind) {
    case "jwt":
      return ring;
    case "hmac":
      return { algorithm: LINK_ALGORITHM };
    // Each key says itself what it is.
    case "mirror":
      return { algorithm: "" };
  }
}

/** See `KeyRecord.size`; a new RSA key has the smallest modulus that is allowed where the ring says nothing. */
function sizeOf(alg: string, modulus: number | undefined): number {
  const row = algorithmOf(alg);
  if (row?.kty === "oct") return SECRET_LENGTH;
  return modulus ?? row?.minModulusBits ?? 0;
}
