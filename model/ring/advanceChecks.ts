/** Whether an advance fits the ring that it is for. */
import type { Advance } from "./advance.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import { activeKey, keyNamed, nextName, publishedKeys } from "./realize.ts";
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

/** Why an advance does not fit; undefined where it does. */
export function refusalOf(
  ring: RingLedger,
  definition: RingDefinition,
  advance: Advance,
): Refusal | undefined {
  return ADVANCE_CHECKS.map((check) => check(ring, definition, advance)).find(
    (answer) => answer !== undefined,
  );
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
  const key = keyNamed(ring, move.key);
  if (MOVES[move.kind].from.length > 0) {
    return key ? undefined : refuse("ADVANCE_KEY", `ring ${ring.ring} has no key ${move.key}`);
  }
  return move.key === nextName(ring) && move.kind !== "create"
    ? undefined
    : refuse("ADVANCE_KEY", `the next key of ring ${ring.ring} is ${nextName(ring)}, not ${move.key}`);
}

function fitsState(ring: RingLedger, _definition: RingDefinition, { move }: Advance): Refusal | undefined {
  const from = MOVES[move.kind].from;
  const key = keyNamed(ring, move.key);
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
  return PROOF[move.kind](move, keyNamed(ring, move.key))
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
  if (keyNamed(ring, move.key)?.state === "ACTIVE" && !takesOver) {
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

/** An answer that stops the run before it registers anything. */
export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}
