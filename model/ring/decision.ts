import type { Advance } from "./advance.ts";
import type { Evidence, Ledger, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import type { RingDefinition } from "./ringDefinition.ts";

/** The waits of one ring, all in seconds (`rotationPolicy` derives them). L and O are in the ledger, by key. */
export interface RingWaits {
  /** R: from one planned rotation to the next. */
  readonly everySeconds: number;
  /** W: from the read-back of a key to its first production token. */
  readonly leadSeconds: number;
  /** P: until the last point of presence has learned of a change. */
  readonly propagationSeconds: number;
  /** How long a canary's evidence may be used. */
  readonly evidenceSeconds: number;
}

/** What was seen of a ring, besides its ledger. Members that were not asked for are absent. */
export interface RingObservation {
  /** Since when every zone is known to have the key without a break, by key name; from the resources' reports. */
  readonly readBackAt: Readonly<Record<string, string>>;
  /** When the key set was last written and read back, by the resources' reports. */
  readonly writtenAt?: string;
  /** A move that a resource has carried out (or begun) and the ledger does not have. */
  readonly unfinished?: UnfinishedMove;
  /** Kids in the JWKS that the stack publishes; absent where the ring publishes none. */
  readonly jwks?: readonly string[];
  /** No rule of any zone uses the ring: nothing of it is at Cloudflare, and nothing can be proved. */
  readonly unused?: true;
  /** Keys Cloudflare has and the ledger does not, or the reverse; from the API's own answer. */
  readonly drift?: string;
  /** Each token configuration's keys as `kid alg`, from the same answer: a dead run may have written the next set. */
  readonly live?: readonly (readonly string[])[];
  readonly canary?: CanaryAnswer;
  readonly samples?: SampleAnswer;
  readonly refused?: CanaryAnswer;
}

/** A move that was begun and is not in the ledger, as the resource that is furthest ahead has it. */
export interface UnfinishedMove {
  readonly serial: number;
  readonly move: Move;
  /** Another move that got the same serial in another zone: two runs decided on one ledger, and both were cut short. */
  readonly rival?: Move;
}

/** What the canary path answered, all rounds together. */
export interface CanaryAnswer {
  readonly at: string;
  readonly rounds: number;
  readonly pops: readonly string[];
  /** The key in question. `none`: the answer was not the canary's, so it is no evidence. */
  readonly key: "accepted" | "refused" | "none";
  /** The active key; absent when the ring has none yet. */
  readonly active?: "accepted" | "refused" | "none";
  /** A key of the same algorithm that was never published. */
  readonly unknown: "accepted" | "refused" | "none";
}

/** Production tokens or links fetched from the issuer. */
export interface SampleAnswer {
  readonly at: string;
  /** How many carry the valid signature of a key, by its name. */
  readonly byKey: Readonly<Record<string, number>>;
  /** Why each of the others did not count; nothing of a token is in it. */
  readonly uncounted?: readonly string[];
  /** The longest life among those that counted, in seconds from `iat` to `exp`. */
  readonly longestSeconds?: number;
}

export type Look = "canary" | "samples" | "refused";

export type Decision =
  | { readonly step: "advance"; readonly advance: Advance; readonly reason: string }
  | { readonly step: "look"; readonly look: Look; readonly key: string; readonly reason: string }
  | { readonly step: "wait"; readonly until: string; readonly reason: string }
  | { readonly step: "stop"; readonly code: StopCode; readonly reason: string };

export type StopCode =
  | "DRIFT"
  | "NO_CANARY_EVIDENCE"
  | "CANARY_REFUSED"
  | "CANARY_TOO_LAX"
  | "STILL_SIGNING_WITH_OLD_KEY"
  | "NO_SAMPLES"
  | "TOKENS_LIVE_LONGER"
  | "NOTHING_TO_ATTEST"
  | "RETIRED_KEY_ACCEPTED"
  | "NOT_DEPLOYED"
  | "NO_KEY_LEFT"
  | "NOT_OF_A_MIRROR"
  | "KEY_UNKNOWN"
  | "KEY_ENDED";

/** Everything a decision may depend on. */
export interface Situation {
  readonly ledger: Ledger;
  readonly ring: RingLedger;
  /** What the definitions ask for: the next key's algorithm, and where tokens are (`tokenPlaces`), and what they say. */
  readonly wanted: Pick<RingDefinition, "algorithm" | "places" | "accepts">;
  readonly waits: RingWaits;
  readonly seen: RingObservation;
  /** Milliseconds since the Unix epoch, by the controller's clock. */
  readonly now: number;
  /** Rotate now, whatever the schedule says. */
  readonly force?: boolean;
  /** How often a substitute may still be looked at in an emergency before it takes over unproved. */
  readonly patience?: number;
}

/** What a decision to move a ring is made on. */
export type Deciding = Pick<Situation, "ledger" | "ring" | "now"> & {
  readonly seen?: Pick<RingObservation, "unfinished">;
};

export type Advancing = Extract<Decision, { step: "advance" }>;

/**
 * Writes the advance that carries `move` for the ring of `situation`: with a serial past whatever a half-done move
 * has reached, so that the fence lets it through.
 */
export function advance(situation: Deciding, move: Move, reason: string): Advancing {
  const { ring, now, seen } = situation;
  const serial = Math.max(ring.serial, seen?.unfinished?.serial ?? 0) + 1;
  return advanceWith(situation, serial, { ...move, at: instant(now) }, reason);
}

/** Writes the advance that does once more what was begun; `over` writes the keys whatever is there. */
export function repeat(
  situation: Deciding,
  { serial, move }: UnfinishedMove,
  over: boolean,
  reason: string,
): Advancing {
  const again: Move = over ? { ...move, over: true, at: instant(situation.now) } : move;
  return advanceWith(situation, serial, again, reason);
}

function advanceWith({ ledger, ring }: Deciding, serial: number, move: Move, reason: string): Advancing {
  return {
    step: "advance",
    advance: { format: 1, stack: ledger.stack, ring: ring.ring, serial, ledger: ledgerDigest(ring), move },
    reason,
  };
}

/** One more look at a key is needed before a decision. */
export function look(what: Look, key: string, reason: string): Decision {
  return { step: "look", look: what, key, reason };
}

/** When every point of presence knows what was written at an instant, in milliseconds: P later, and a minute for the clocks. */
export function knownEverywhere({ waits }: Situation, written: number): number {
  return written + 1000 * (waits.propagationSeconds + 60);
}

/** Nothing to do until an instant, in milliseconds. */
export function wait(until: number, reason: string): Decision {
  return { step: "wait", until: instant(until), reason };
}

/** A person has to look; `reason` names the way out. */
export function stop(code: StopCode, reason: string): Decision {
  return { step: "stop", code, reason };
}

/** Milliseconds since the Unix epoch as RFC 3339. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** What of a canary's answer goes into the ledger. */
export function proof(canary: CanaryAnswer): Evidence {
  return { provedAt: canary.at, rounds: canary.rounds, pops: [...canary.pops] };
}
