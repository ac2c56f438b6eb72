import type { Advance } from "./advance.ts";
import type { Evidence, KeyRecord, Ledger, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";

/** The waits of one ring, all in seconds (`rotationPolicy` derives them). */
export interface RingWaits {
  /** R: from one planned rotation to the next. */
  readonly everySeconds: number;
  /** W: from the read-back of a key to its first production token. */
  readonly leadSeconds: number;
  /** O: from the acknowledged promotion to the retirement, for a token lifetime in seconds. */
  readonly overlapSeconds: (lifetimeSeconds: number) => number;
  /** L: how long after a promotion an issuer may still sign with the old key. */
  readonly signerLagSeconds: number;
  /** P: until the last point of presence has learned of a change. */
  readonly propagationSeconds: number;
  /** How long a canary's evidence may be used. */
  readonly evidenceSeconds: number;
}

/** What was seen of a ring, besides its ledger. Members that were not asked for are absent. */
export interface RingObservation {
  /** When every zone had read the key back, by key name; from the resources' reports. */
  readonly readBackAt: Readonly<Record<string, string>>;
  /** When the key set was last written and read back, by the resources' reports. */
  readonly writtenAt?: string;
  /** A move that a resource has carried out (or begun) and the ledger does not have. */
  readonly unfinished?: { readonly serial: number; readonly move: Move };
  /** Keys Cloudflare has and the ledger does not, or the reverse; from the API's own answer. */
  readonly drift?: string;
  /** Each token configuration's keys as `kid alg`, from the same answer: a dead run may have written the next set. */
  readonly live?: readonly (readonly string[])[];
  readonly canary?: CanaryAnswer;
  readonly samples?: SampleAnswer;
  readonly refused?: CanaryAnswer;
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
  | "NOT_DEPLOYED";

/** Everything a decision may depend on. */
export interface Situation {
  readonly ledger: Ledger;
  readonly ring: RingLedger;
  /** Algorithm and size that the definitions ask for. */
  readonly wanted: { readonly algorithm: string };
  readonly waits: RingWaits;
  readonly seen: RingObservation;
  /** Milliseconds since the Unix epoch, by the controller's clock. */
  readonly now: number;
  /** Rotate now, whatever the schedule says. */
  readonly force?: boolean;
}

/** Writes the advance that carries `move` for the ring of `situation`. */
export function advance(
  { ledger, ring, now }: Pick<Situation, "ledger" | "ring" | "now">,
  move: Move,
  reason: string,
): Decision & { step: "advance" } {
  return {
    step: "advance",
    advance: {
      format: 1,
      stack: ledger.stack,
      ring: ring.ring,
      serial: ring.serial + 1,
      ledger: ledgerDigest(ring),
      move: { ...move, at: instant(now) },
    },
    reason,
  };
}

/** One more look at a key is needed before a decision. */
export function look(what: Look, key: KeyRecord, reason: string): Decision {
  return { step: "look", look: what, key: key.name, reason };
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
