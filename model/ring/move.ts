/** One move of one ring: whether an advance fits, and what it does to the keys. */
import { marked, withoutEnded } from "./accepts.ts";
import type { Advance } from "./advance.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import { activeKey, hasBlocked, publishedKeys } from "./realize.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { isLive, isPending, isPublishing, MOVES, type MoveKind } from "./states.ts";

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
  | "ADVANCE_KIND"
  | "MIRROR_WITHOUT_KEYS"
  | "ADVANCE_STATE"
  | "ADVANCE_EVIDENCE"
  | "ADVANCE_PENDING"
  | "ADVANCE_CAPACITY"
  | "ADVANCE_NO_KEY_LEFT"
  | "RING_MISSING"
  | "RING_KIND_CHANGED"
  | "ALGORITHM_UNKNOWN";

/** The ring after the move of an advance, or why the advance does not fit. */
export function move(ring: RingLedger, definition: RingDefinition, advance: Advance): RingLedger | Refusal {
  const refusal = ADVANCE_CHECKS.map((check) => check(ring, definition, advance)).find(
    (answer) => answer !== undefined,
  );
  return refusal ?? applyMove(ring, definition, advance);
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

type AdvanceCheck = (ring: RingLedger, definition: RingDefinition, advance: Advance) => Refusal | undefined;

/** Read aloud: fits this ledger and this kind of ring, names a key, in the right state, proved, alone, with room, leaving a key. */
const ADVANCE_CHECKS: readonly AdvanceCheck[] = [
  fitsLedger,
  fitsKind,
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

/** What only rings make whose keys are keyturn's own, and what only mirrored ones do. */
const OWN_KEYS_ONLY: ReadonlySet<MoveKind> = new Set([
  "generate",
  "publish",
  "announce",
  "verify",
  "promote",
  "acknowledge",
  "attest",
  "retire",
  "confirm",
  "abort",
  "substitute",
]);
const MIRRORS_ONLY: ReadonlySet<MoveKind> = new Set(["adopt", "trust"]);

function fitsKind(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const misfits = ring.kind === "mirror" ? OWN_KEYS_ONLY : MIRRORS_ONLY;
  if (!misfits.has(move.kind)) return undefined;
  return refuse("ADVANCE_KIND", `a ${ring.kind} ring such as ${ring.ring} does not ${move.kind} keys`);
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

type Proof = (move: Move, key: KeyRecord | undefined) => boolean;

const needsNone: Proof = () => true;
const isObserved: Proof = ({ evidence }) => Boolean(evidence?.observedAt);

/** What a move must carry with it: what was seen, where it stands on something that was. */
const PROOF: Readonly<Record<MoveKind, Proof>> = {
  create: needsNone,
  generate: needsNone,
  publish: needsNone,
  announce: isObserved,
  verify: ({ evidence }) => Boolean(evidence?.publishedAt && evidence.provedAt),
  promote: needsNone,
  acknowledge: isObserved,
  attest: ({ evidence, reason, by }, key) =>
    Boolean(evidence?.observedAt && reason && by && key?.acknowledgedAt),
  retire: ({ evidence }, key) => Boolean(evidence?.samples || key?.attestedAt),
  confirm: ({ evidence }) => Boolean(evidence?.provedAt),
  abort: needsNone,
  condemn: needsNone,
  substitute: needsNone,
  revoke: needsNone,
  doubt: needsNone,
  restore: needsNone,
  settle: isObserved,
  leave: isObserved,
  end: isObserved,
  adopt: ({ evidence, set }) => Boolean(evidence?.observedAt && set),
  trust: ({ evidence }) => Boolean(evidence?.publishedAt && evidence.observedAt),
  forget: isObserved,
};

function isProved(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  return PROOF[move.kind](move, find(ring, move.key))
    ? undefined
    : refuse("ADVANCE_EVIDENCE", `${move.kind} of ${move.key} in ring ${ring.ring} carries no evidence`);
}

function isAlone(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const [pending, ...more] = ring.keys.filter((key) => isPending(key.state));
  if (MOVES[move.kind].from.length > 0 || move.kind === "adopt" || pending === undefined) return undefined;
  // A first key that was never active can only go when another one is there.
  const first = more.length === 0 && activeKey(ring) === undefined;
  if (move.kind === "substitute" && first) return undefined;
  return refuse(
    "ADVANCE_PENDING",
    `${pending.name} of ring ${ring.ring} is still ${pending.state}: a ring has one pending key at a time`,
  );
}

function hasRoom(ring: RingLedger, definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const { from, to } = MOVES[move.kind];
  const adds = to !== undefined && isLive(to) && !from.some(isPublishing);
  if (!adds) return undefined;
  const present = publishedKeys(ring).length + (move.set?.length ?? 1);
  const limit = definition.keyLimit - (move.over ? 0 : definition.reserve);
  if (present <= limit) return undefined;
  if (ring.kind === "mirror") {
    return refuse(
      "ADVANCE_CAPACITY",
      `ring ${ring.ring} would hold ${present} keys and may hold ${limit}: \`keyturn revoke ${ring.ring} --key NAME --yes\` takes away one that its provider no longer has (\`keyturn status\` shows them), or raise the limit if the zone has a higher one`,
    );
  }
  return refuse(
    "ADVANCE_CAPACITY",
    `ring ${ring.ring} would hold ${present} keys and may hold ${limit}: wait for the retiring key to go, or raise the limit if the zone has a higher one`,
  );
}

function leavesKey(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const { from, to } = MOVES[move.kind];
  const takes = to !== undefined && !isPublishing(to) && from.some(isPublishing);
  if (!takes) return undefined;
  if (ring.kind === "mirror") return leavesForeignKey(ring, move);
  const substitute = publishedKeys(ring).find(({ name }) => name === move.substitute);
  const takesOver = substitute !== undefined && isPending(substitute.state);
  if (find(ring, move.key)?.state === "ACTIVE" && !takesOver) {
    return refuse(
      "ADVANCE_NO_KEY_LEFT",
      `${move.key} of ring ${ring.ring} signs, and no published substitute takes over: run \`keyturn revoke ${ring.ring} --key ${move.key} --yes\`, which makes one`,
    );
  }
  if (publishedKeys(ring).every(({ name }) => name === move.key)) {
    return refuse(
      "ADVANCE_NO_KEY_LEFT",
      `${move.key} is the only published key of ring ${ring.ring}: \`keyturn revoke ${ring.ring} --key ${move.key} --yes\` makes another one first`,
    );
  }
  return undefined;
}

/** The other keys of a mirrored ring go on as they are; nobody here can make one in the place of the last. */
function leavesForeignKey(ring: RingLedger, { key }: Move): Refusal | undefined {
  if (publishedKeys(ring).some(({ name }) => name !== key)) return undefined;
  return refuse("ADVANCE_NO_KEY_LEFT", onlyForeignKey(ring.ring, key));
}

/** What is said before the last key of a mirrored ring would go. */
export function onlyForeignKey(ring: string, key: string): string {
  return `${key} is the only published key of ring ${ring}, and only its provider can make another one: \`keyturn jwks fetch ${ring}\` brings it once it is there; to refuse every token meanwhile, take the ring out of the rules that it opens`;
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

/** The name the ring's next key gets; names are never used twice. */
export function nextName(ring: RingLedger): string {
  return `k${ring.keys.length + 1}`;
}

function find(ring: RingLedger, name: string): KeyRecord | undefined {
  return ring.keys.find((key) => key.name === name);
}

/** An answer that stops the run before it registers anything. */
export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}
