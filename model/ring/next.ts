import type { Advance } from "./advance.ts";
import type { Ledger, Move, RingLedger } from "./ledger.ts";
import { applyMove, move, newKey, type Refusal, refuse } from "./move.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { isLive, isSameMove } from "./states.ts";

export type NextLedger = { readonly ok: true; readonly ledger: Ledger } | Refusal;

/**
 * `next = f(previous ledger, definitions, advance)`: the whole of what an `up` may do to keys.
 *
 * Without an advance, every ring the ledger knows stays as it is and every other one gets its first key.
 * With one, that ring makes the move, if the advance fits; doing the same advance twice is doing it once. Of rings that
 * have begun a move of their own, the answer says how they will be once it is done: what they share with the moving
 * ring must not go back.
 *
 * @param previous the ledger of the last successful update
 * @param definitions the rings of this checkout
 * @param advance from `KEYTURN_ADVANCE`
 * @param knownAlgorithms algorithms this program can make and publish
 */
export function nextLedger(
  previous: Ledger,
  definitions: readonly RingDefinition[],
  advance: Advance | undefined,
  knownAlgorithms: ReadonlySet<string>,
): NextLedger {
  const refusal =
    olderCheckout(previous, definitions, knownAlgorithms) ?? foreignAdvance(previous, definitions, advance);
  if (refusal) return refusal;
  const rings: Record<string, RingLedger> = {};
  for (const [id, ring] of Object.entries(previous.rings)) {
    if (!definitions.some((definition) => definition.id === id)) rings[id] = withoutLiveKeys(ring);
  }
  for (const definition of definitions) {
    const known = previous.rings[definition.id];
    // Raised before an advance is held against it: whoever decides on the same definitions sees the same ledger.
    const ring = known === undefined ? firstKey(definition) : raiseWaits(known, definition);
    rings[definition.id] = begunMove(ring, definition, advance);
    if (advance?.ring === definition.id && !isRepeat(ring, advance)) {
      const moved = move(ring, definition, advance);
      if ("ok" in moved) return moved;
      rings[definition.id] = moved;
    }
  }
  return { ok: true, ledger: { ...previous, rings } };
}

/** An older or renamed definition must not delete keys that live tokens need. */
function olderCheckout(
  previous: Ledger,
  definitions: readonly RingDefinition[],
  knownAlgorithms: ReadonlySet<string>,
): Refusal | undefined {
  for (const [id, ring] of Object.entries(previous.rings)) {
    const definition = definitions.find((candidate) => candidate.id === id);
    const live = ring.keys.filter((key) => isLive(key.state));
    if (definition === undefined) {
      if (ring.forgottenAt !== undefined) continue;
      return refuse(
        "RING_MISSING",
        `ring ${id} has live keys (${live.map((key) => `${key.name} ${key.state}`).join(", ")}) and is not in the definitions: update this checkout, put the ring back, say \`was: ${id}\` in the ring that goes on with its keys, or give the ring up: \`keyturn forget ${id}\``,
      );
    }
    if (definition.kind !== ring.kind) {
      return refuse(
        "RING_KIND_CHANGED",
        `ring ${id} is a ${ring.kind} ring in the ledger and a ${definition.kind} ring in the definitions: give the new one an id of its own`,
      );
    }
    const unknown = live.find((key) => !knownAlgorithms.has(key.algorithm));
    if (unknown) {
      return refuse(
        "ALGORITHM_UNKNOWN",
        `key ${unknown.name} of ring ${id} has algorithm ${unknown.algorithm}, which this program does not know: deploy from the newer checkout that made it`,
      );
    }
  }
  return undefined;
}

function foreignAdvance(
  previous: Ledger,
  definitions: readonly RingDefinition[],
  advance: Advance | undefined,
): Refusal | undefined {
  if (advance === undefined) return undefined;
  if (advance.stack !== previous.stack) {
    return refuse(
      "ADVANCE_STACK",
      `the advance is for stack ${advance.stack}, this is ${previous.stack}: unset KEYTURN_ADVANCE`,
    );
  }
  if (previous.rings[advance.ring] === undefined || !definitions.some((ring) => ring.id === advance.ring)) {
    return refuse(
      "ADVANCE_RING_UNKNOWN",
      `the advance is for ring ${advance.ring}, which this stack does not have: unset KEYTURN_ADVANCE`,
    );
  }
  return undefined;
}

/** A ring that was given up and is defined no more: its keys have ended with its resources. */
function withoutLiveKeys(ring: RingLedger): RingLedger {
  if (ring.forgottenAt === undefined) return ring;
  return {
    ...ring,
    keys: ring.keys.map((key) => (isLive(key.state) ? { ...key, state: "FORGOTTEN" } : key)),
  };
}

function isRepeat(ring: RingLedger, advance: Advance): boolean {
  return ring.serial === advance.serial && isSameMove(ring.move, advance.move);
}

function firstKey(definition: RingDefinition): RingLedger {
  const first: Move = { kind: "create", key: "k1" };
  return {
    ring: definition.id,
    kind: definition.kind,
    serial: 1,
    move: first,
    keys: [newKey(definition, "k1", 1, first)],
  };
}

/** A lower lifetime or wait never shortens a running overlap; a higher one counts from the moment it is deployed. */
function raiseWaits(ring: RingLedger, definition: RingDefinition): RingLedger {
  const keys = ring.keys.map((key) => {
    if (!isLive(key.state)) return key;
    const lifetimeSeconds = Math.max(key.lifetimeSeconds, definition.lifetimeSeconds);
    return {
      ...key,
      lifetimeSeconds,
      signerLagSeconds: Math.max(key.signerLagSeconds, definition.signerLagSeconds),
      overlapSeconds: Math.max(key.overlapSeconds, definition.overlapSeconds(lifetimeSeconds)),
    };
  });
  return { ...ring, keys };
}

/** A ring that has begun a move of its own, as it is once that is done. */
function begunMove(ring: RingLedger, definition: RingDefinition, advance: Advance | undefined): RingLedger {
  const open = advance?.open?.find((each) => each.ring === ring.ring);
  if (open === undefined || open.ring === advance?.ring || open.serial <= ring.serial) return ring;
  return applyMove(ring, definition, open);
}
