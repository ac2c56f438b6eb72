/** What a move does to a ring and its keys. */
import { marked, withoutEnded } from "./accepts.ts";
import type { Advance } from "./advance.ts";
import { type Refusal, refusalOf } from "./advanceChecks.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { hasBlocked } from "./realize.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { isPending, isPublishing, MOVES } from "./states.ts";

/** The ring after the move of an advance, or why the advance does not fit. */
export function move(ring: RingLedger, definition: RingDefinition, advance: Advance): RingLedger | Refusal {
  return refusalOf(ring, definition, advance) ?? applyMove(ring, definition, advance);
}

/** The ring after a move that was found to fit when it was begun. */
export function applyMove(
  ring: RingLedger,
  definition: RingDefinition,
  begun: Pick<Advance, "move" | "serial">,
): RingLedger {
  const { serial, move } = begun;
  return {
    ...ring,
    ...(settles(ring, move) ? { places: [...definition.places] } : {}),
    ...(move.kind === "leave"
      ? { accepts: marked(ring, definition.accepts, move.evidence?.observedAt) }
      : {}),
    ...(move.kind === "end" ? { accepts: withoutEnded(ring, definition.accepts, move) } : {}),
    keys: apply(ring, definition, begun),
    serial,
    move,
    ...(move.kind === "forget" ? { forgottenAt: move.evidence?.observedAt } : {}),
  };
}

/** A first key becomes ACTIVE after its lead, so every point of presence knows the places that it came with. */
function settles(ring: RingLedger, { kind }: Move): boolean {
  switch (ring.kind) {
    case "jwt":
    case "mirror":
      return kind === "settle" || ((kind === "promote" || kind === "trust") && !hasBlocked(ring));
    case "hmac":
      return false;
  }
}
function apply(
  ring: RingLedger,
  definition: RingDefinition,
  { move, serial }: Pick<Advance, "move" | "serial">,
): KeyRecord[] {
  const { set: _brought, ...said } = move;
  const entry = { serial, move: said };
  const row = MOVES[move.kind];
  if (move.kind === "adopt") return [...ring.keys, ...adopted(definition, ring.keys.length, serial, move)];
  if (move.kind === "trust") {
    // One set, one write: what is published was published by the same read-back at the latest.
    return ring.keys.map((key) =>
      key.state === "PUBLISHED"
        ? {
            ...key,
            state: "ACTIVE",
            hasSigned: true,
            publishedAt: move.evidence?.publishedAt,
            history: [...key.history, entry],
          }
        : key,
    );
  }
  if (row.from.length === 0) return [...ring.keys, newKey(definition, move.key, serial, move)];
  return ring.keys.map((found) => {
    const key = move.kind === "restore" || move.kind === "doubt" ? withoutEvidence(found) : found;
    if (key.name === move.key) return { ...stamp(key, move), history: [...key.history, entry] };
    if (move.kind === "promote" && key.state === "ACTIVE") {
      return { ...key, state: "RETIRING", history: [...key.history, entry] };
    }
    if (key.name === move.substitute) {
      return { ...key, state: "ACTIVE", hasSigned: true, history: [...key.history, entry] };
    }
    return key;
  });
}

/** Points of presence have to learn of the key again, so nothing that was seen of it before counts. */
function withoutEvidence(key: KeyRecord): KeyRecord {
  const { publishedAt: _published, provedAt: _proved, doubted: _doubted, ...rest } = key;
  return isPending(key.state) && isPublishing(key.state) ? { ...rest, state: "PUBLISHED" } : key;
}

function stamp(key: KeyRecord, move: Move): KeyRecord {
  const evidence = move.evidence ?? {};
  const state = MOVES[move.kind].to ?? key.state;
  return {
    ...key,
    state,
    hasSigned: key.hasSigned || state === "ACTIVE",
    ...(move.kind === "verify" ? { publishedAt: evidence.publishedAt, provedAt: evidence.provedAt } : {}),
    ...(move.kind === "condemn" ? { condemned: true as const } : {}),
    ...(move.kind === "doubt" ? { doubted: true as const } : {}),
    ...(move.kind === "announce" ? { announcedAt: evidence.observedAt } : {}),
    ...(move.kind === "acknowledge" ? { acknowledgedAt: evidence.observedAt } : {}),
    ...(move.kind === "attest" ? { attestedAt: evidence.observedAt } : {}),
    ...(move.kind === "confirm" ? { confirmedAt: evidence.provedAt } : {}),
  };
}

/** A key that does not exist yet, as the move that makes it leaves it. */
export function newKey(definition: RingDefinition, name: string, serial: number, move: Move): KeyRecord {
  return {
    name,
    algorithm: definition.algorithm,
    size: definition.size,
    kid: null,
    jwk: null,
    state: MOVES[move.kind].to ?? "GENERATED",
    lifetimeSeconds: definition.lifetimeSeconds,
    signerLagSeconds: definition.signerLagSeconds,
    overlapSeconds: definition.overlapSeconds(definition.lifetimeSeconds),
    hasSigned: false,
    ...(move.plannedAt === undefined ? {} : { plannedAt: move.plannedAt }),
    history: [{ serial, move }],
  };
}

/** The keys of a set, as the move that brings them leaves them. */
export function adopted(
  definition: RingDefinition,
  before: number,
  serial: number,
  { set = [], ...said }: Move,
): KeyRecord[] {
  return set.map(({ kid, algorithm, size, jwk }, index) => ({
    ...newKey({ ...definition, algorithm, size }, `k${before + index + 1}`, serial, said),
    kid,
    jwk,
    ...(said.evidence?.observedAt === undefined ? {} : { firstSeenAt: said.evidence.observedAt }),
  }));
}
