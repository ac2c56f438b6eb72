import type { Advance } from "./advance.ts";
import { canonicalJson } from "./canonicalJson.ts";
import type { KeyRecord, Ledger, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import { isLive, isPending, isPublishing, MOVES } from "./states.ts";

/** What the definitions say about a ring, as far as the ledger is concerned. */
export interface RingDefinition {
  readonly id: string;
  readonly kind: "jwt" | "hmac";
  readonly algorithm: string;
  /** See `KeyRecord.size`. */
  readonly size: number;
  /** Longest lifetime of its tokens or links, in seconds. */
  readonly lifetimeSeconds: number;
  /** Keys Cloudflare takes per configuration, and how many of these stay free for an emergency. */
  readonly keyLimit: number;
  readonly reserve: number;
}

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
}

export type RefusalCode =
  | "ADVANCE_STACK"
  | "ADVANCE_RING_UNKNOWN"
  | "ADVANCE_STALE"
  | "ADVANCE_KEY"
  | "ADVANCE_STATE"
  | "ADVANCE_EVIDENCE"
  | "ADVANCE_PENDING"
  | "ADVANCE_CAPACITY"
  | "ADVANCE_NO_KEY_LEFT"
  | "RING_MISSING"
  | "RING_KIND_CHANGED"
  | "ALGORITHM_UNKNOWN";

export type NextLedger = { readonly ok: true; readonly ledger: Ledger } | Refusal;

/**
 * `next = f(previous ledger, definitions, advance)`: the whole of what an `up` may do to keys.
 *
 * Without an advance, every ring the ledger knows stays as it is and every other one gets its first key.
 * With one, that ring makes the move, if the advance fits; doing the same advance twice is doing it once.
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
    if (!definitions.some((definition) => definition.id === id)) rings[id] = ring;
  }
  for (const definition of definitions) {
    const known = previous.rings[definition.id];
    // Raised before an advance is held against it: whoever decides on the same definitions sees the same ledger.
    const ring = known === undefined ? firstKey(definition) : raiseLifetime(known, definition);
    rings[definition.id] = ring;
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
      if (live.length === 0) continue;
      return refuse(
        "RING_MISSING",
        `ring ${id} has live keys (${live.map((key) => `${key.name} ${key.state}`).join(", ")}) and is not in the definitions: update this checkout, put the ring back, or say \`was: ${id}\` in the ring that goes on with its keys`,
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

function isRepeat(ring: RingLedger, advance: Advance): boolean {
  return ring.serial === advance.serial && canonicalJson(ring.move) === canonicalJson(advance.move);
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

function newKey(definition: RingDefinition, name: string, serial: number, move: Move): KeyRecord {
  return {
    name,
    algorithm: definition.algorithm,
    size: definition.size,
    kid: null,
    jwk: null,
    state: MOVES[move.kind].to ?? "GENERATED",
    lifetimeSeconds: definition.lifetimeSeconds,
    hasSigned: false,
    ...(move.plannedAt === undefined ? {} : { plannedAt: move.plannedAt }),
    history: [{ serial, move }],
  };
}

/** A lower lifetime never shortens a running overlap; a higher one counts from the moment it is deployed. */
function raiseLifetime(ring: RingLedger, definition: RingDefinition): RingLedger {
  const keys = ring.keys.map((key) =>
    (isPending(key.state) || key.state === "ACTIVE" || key.state === "RETIRING") &&
    key.lifetimeSeconds < definition.lifetimeSeconds
      ? { ...key, lifetimeSeconds: definition.lifetimeSeconds }
      : key,
  );
  return { ...ring, keys };
}

function move(ring: RingLedger, definition: RingDefinition, advance: Advance): RingLedger | Refusal {
  const refusal = ADVANCE_CHECKS.map((check) => check(ring, definition, advance)).find(
    (answer) => answer !== undefined,
  );
  if (refusal) return refusal;
  return {
    ...ring,
    keys: apply(ring, definition, advance),
    serial: advance.serial,
    move: advance.move,
  };
}

type AdvanceCheck = (ring: RingLedger, definition: RingDefinition, advance: Advance) => Refusal | undefined;

/** Read aloud: fits this ledger, names a key, in the right state, proved, alone, with room, leaving a key. */
const ADVANCE_CHECKS: readonly AdvanceCheck[] = [
  fitsLedger,
  namesKey,
  fitsState,
  isProved,
  isAlone,
  hasRoom,
  leavesKey,
];

function fitsLedger(ring: RingLedger, _definition: RingDefinition, advance: Advance): Refusal | undefined {
  if (advance.serial > ring.serial && advance.ledger === ledgerDigest(ring)) return undefined;
  return refuse(
    "ADVANCE_STALE",
    `the advance of ring ${ring.ring} (serial ${advance.serial}) was decided on another ledger (now at serial ${ring.serial}): run the command again`,
  );
}

function namesKey(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const key = find(ring, move.key);
  if (MOVES[move.kind].from.length > 0) {
    return key ? undefined : refuse("ADVANCE_KEY", `ring ${ring.ring} has no key ${move.key}`);
  }
  return move.key === nextName(ring) && move.kind !== "create"
    ? undefined
    : refuse("ADVANCE_KEY", `the next key of ring ${ring.ring} is ${nextName(ring)}, not ${move.key}`);
}

function fitsState(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const from = MOVES[move.kind].from;
  const key = find(ring, move.key);
  if (key === undefined || from.includes(key.state)) return undefined;
  return refuse(
    "ADVANCE_STATE",
    `${move.kind} needs ${move.key} to be ${from.join(" or ")}, it is ${key.state}`,
  );
}

function isProved(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const evidence = move.evidence ?? {};
  const key = find(ring, move.key);
  const missing =
    (move.kind === "verify" && (!evidence.publishedAt || !evidence.provedAt)) ||
    (move.kind === "acknowledge" && !evidence.observedAt) ||
    (move.kind === "attest" && !(evidence.observedAt && move.reason && move.by && key?.acknowledgedAt)) ||
    (move.kind === "retire" && !evidence.samples && !key?.attestedAt) ||
    (move.kind === "confirm" && !evidence.provedAt);
  return missing
    ? refuse("ADVANCE_EVIDENCE", `${move.kind} of ${move.key} in ring ${ring.ring} carries no evidence`)
    : undefined;
}

function isAlone(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const [pending, ...more] = ring.keys.filter((key) => isPending(key.state));
  if (MOVES[move.kind].from.length > 0 || pending === undefined) return undefined;
  // A first key that was never active can only go when another one is there.
  const first = isPublishing(pending.state) && more.length === 0 && !ring.keys.some(isSigning);
  if (move.kind === "substitute" && first) return undefined;
  return refuse(
    "ADVANCE_PENDING",
    `${pending.name} of ring ${ring.ring} is still ${pending.state}: a ring has one pending key at a time`,
  );
}

function hasRoom(ring: RingLedger, definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const adds = move.kind === "generate" || move.kind === "publish" || move.kind === "substitute";
  if (!adds) return undefined;
  const present = ring.keys.filter((key) => isPublishing(key.state)).length + 1;
  const substitute = find(ring, move.key)?.history[0]?.move.kind === "substitute";
  const limit = definition.keyLimit - (MOVES[move.kind].emergency || substitute ? 0 : definition.reserve);
  if (present <= limit) return undefined;
  return refuse(
    "ADVANCE_CAPACITY",
    `ring ${ring.ring} would hold ${present} keys and may hold ${limit}: wait for the retiring key to go, or raise the limit if the zone has a higher one`,
  );
}

function leavesKey(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  if (move.kind !== "revoke" && move.kind !== "abort") return undefined;
  const key = find(ring, move.key);
  const substitute = move.substitute === undefined ? undefined : find(ring, move.substitute);
  const takesOver =
    substitute &&
    substitute.name !== move.key &&
    (substitute.state === "PUBLISHED" || substitute.state === "VERIFIED");
  if (key?.state === "ACTIVE" && !takesOver) {
    return refuse(
      "ADVANCE_NO_KEY_LEFT",
      `${move.key} of ring ${ring.ring} signs, and no published substitute takes over: run \`keyturn revoke ${ring.ring}\`, which makes one`,
    );
  }
  const left = ring.keys.filter((other) => other.name !== move.key && isPublishing(other.state));
  if (left.length === 0) {
    return refuse(
      "ADVANCE_NO_KEY_LEFT",
      `${move.key} is the only published key of ring ${ring.ring}: \`keyturn revoke ${ring.ring} --key ${move.key}\` makes another one first`,
    );
  }
  return undefined;
}

function apply(ring: RingLedger, definition: RingDefinition, { move, serial }: Advance): KeyRecord[] {
  const entry = { serial, move };
  const row = MOVES[move.kind];
  if (row.from.length === 0) return [...ring.keys, newKey(definition, move.key, serial, move)];
  return ring.keys.map((key) => {
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

function stamp(key: KeyRecord, move: Move): KeyRecord {
  const evidence = move.evidence ?? {};
  const state = MOVES[move.kind].to ?? key.state;
  return {
    ...key,
    state,
    hasSigned: key.hasSigned || state === "ACTIVE",
    ...(move.kind === "verify" ? { publishedAt: evidence.publishedAt, provedAt: evidence.provedAt } : {}),
    ...(move.kind === "acknowledge" ? { acknowledgedAt: evidence.observedAt } : {}),
    ...(move.kind === "attest" ? { attestedAt: evidence.observedAt } : {}),
    ...(move.kind === "confirm" ? { confirmedAt: evidence.provedAt } : {}),
  };
}

function isSigning(key: KeyRecord): boolean {
  return key.state === "ACTIVE" || key.state === "RETIRING";
}

/** The name the ring's next key gets; names are never used twice. */
export function nextName(ring: RingLedger): string {
  return `k${ring.keys.length + 1}`;
}

function find(ring: RingLedger, name: string): KeyRecord | undefined {
  return ring.keys.find((key) => key.name === name);
}

function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}
