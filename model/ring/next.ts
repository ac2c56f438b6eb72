import { accepting } from "./accepts.ts";
import type { Advance } from "./advance.ts";
import { type Refusal, refuse } from "./advanceChecks.ts";
import { type Ledger, ledgerDigest, type Move, type RingLedger } from "./ledger.ts";
import { adopted, applyMove, move, newKey } from "./move.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { isLive, isSameMove } from "./states.ts";

export type NextLedger = { readonly ok: true; readonly ledger: Ledger } | Refusal;

/**
 * `next = f(previous ledger, definitions, advance)`: the whole of what an `up` may do to keys.
 *
 * Without an advance, every ring the ledger knows stays as it is and every other one gets its first key. Only a mirrored
 * ring must be known before: an `adopt` brings its first keys, before any definition of it is deployed, and they wait
 * for the `up` that deploys one.
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
    olderCheckout(previous, definitions, knownAlgorithms) ??
    withoutKeys(previous, definitions) ??
    foreignAdvance(previous, definitions, advance);
  if (refusal) return refusal;
  const rings: Record<string, RingLedger> = {};
  for (const [id, ring] of Object.entries(previous.rings)) {
    if (!definitions.some((definition) => definition.id === id)) rings[id] = withoutLiveKeys(ring);
  }
  if (advance !== undefined && bringsFirstKeys(advance, definitions)) {
    const first = firstKeys(previous.rings[advance.ring], advance);
    if ("ok" in first) return first;
    rings[advance.ring] = first;
  }
  for (const definition of definitions) {
    const known = previous.rings[definition.id];
    // Raised before an advance is held against it: whoever decides on the same definitions sees the same ledger.
    const held = known === undefined ? firstKey(definition) : published(raiseWaits(known, definition));
    const ring = { ...held, accepts: [...accepting(held, definition.accepts)] };
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
      if (ring.forgottenAt !== undefined || isWaiting(ring)) continue;
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
  if (bringsFirstKeys(advance, definitions)) return undefined;
  if (previous.rings[advance.ring] === undefined || !definitions.some((ring) => ring.id === advance.ring)) {
    return refuse(
      "ADVANCE_RING_UNKNOWN",
      `the advance is for ring ${advance.ring}, which this stack does not have: unset KEYTURN_ADVANCE`,
    );
  }
  return undefined;
}

/** A mirrored ring whose first keys wait for the `up` that deploys it: nothing of it is at Cloudflare. */
export function isWaiting(ring: RingLedger): boolean {
  return ring.kind === "mirror" && ring.keys.every((key) => key.state === "GENERATED");
}

/** A ring without a key refuses every token, and nobody here can make one of somebody else's. */
function withoutKeys(previous: Ledger, definitions: readonly RingDefinition[]): Refusal | undefined {
  const missing = definitions.filter(({ id, kind }) => kind === "mirror" && previous.rings[id] === undefined);
  if (missing.length === 0) return undefined;
  return refuse(
    "MIRROR_WITHOUT_KEYS",
    missing
      .map(
        ({ id }) =>
          `ring ${id} takes its keys from somebody else, and the ledger has none of them yet: run \`keyturn jwks fetch ${id}\`, then \`pulumi up\` again`,
      )
      .join("\n"),
  );
}

function bringsFirstKeys({ ring, move }: Advance, definitions: readonly RingDefinition[]): boolean {
  return move.kind === "adopt" && !definitions.some(({ id }) => id === ring);
}

/** The first keys of a ring that is not deployed; others that waited in their place never were anywhere. */
function firstKeys(known: RingLedger | undefined, advance: Advance): RingLedger | Refusal {
  const { ring, move: said, serial } = advance;
  if (known !== undefined && isRepeat(known, advance)) return known;
  if (known !== undefined && !isWaiting(known))
    return refuse("ADVANCE_KIND", `ring ${ring} is in the ledger, and not as one that waits for its deploy`);
  if (serial <= (known?.serial ?? 0) || advance.ledger !== ledgerDigest(known))
    return refuse(
      "ADVANCE_STALE",
      `the advance of ring ${ring} was decided on another ledger: run the command again`,
    );
  if (said.set === undefined || said.evidence?.observedAt === undefined)
    return refuse("ADVANCE_EVIDENCE", `adopt of ${said.key} in ring ${ring} carries no keys`);
  // The definitions of its deploy raise these.
  const waits = { lifetimeSeconds: 1, signerLagSeconds: 0, overlapSeconds: () => 0 };
  const bare = {
    ...waits,
    id: ring,
    kind: "mirror",
    algorithm: "",
    size: 0,
    keyLimit: 0,
    reserve: 0,
  } as const;
  const keys = adopted({ ...bare, places: [], accepts: [] }, 0, serial, said);
  return {
    ring,
    kind: "mirror",
    serial,
    move: said,
    keys: keys.map((key) => ({ ...key, state: "GENERATED" })),
  };
}

/** The first keys of a mirrored ring are published with the first `up` that has its definition. */
function published(ring: RingLedger): RingLedger {
  if (!isWaiting(ring)) return ring;
  const first: Move = { kind: "create", key: ring.keys[0]?.name ?? "" };
  const serial = ring.serial + 1;
  return {
    ...ring,
    serial,
    move: first,
    keys: ring.keys.map((key) => ({
      ...key,
      state: "PUBLISHED",
      history: [...key.history, { serial, move: first }],
    })),
  };
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
