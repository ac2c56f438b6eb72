/** Situations to decide on: a ring of the walk whose keys were read back at second 0, and what was seen of it later. */
import type { CanaryAnswer, Decision, RingObservation, Situation } from "../decision.ts";
import type { KeyRecord, RingLedger } from "../ledger.ts";
import { ledgerAfter, ringOf } from "./advance.ts";
import { ledgerOf, RING } from "./walk.ts";

const T = Date.parse("2026-01-01T00:00:00.000Z");

/** The instant `seconds` after the walk, in which every move was made at once. */
export const at = (seconds: number) => new Date(T + 1000 * seconds).toISOString();

export const WAITS = {
  everySeconds: 86_400,
  leadSeconds: 900,
  propagationSeconds: 600,
  evidenceSeconds: 3600,
};

/** What proves a key: it and the active one accepted, a stranger refused. */
export const ACCEPTED: CanaryAnswer = {
  at: at(1000),
  rounds: 3,
  pops: ["AMS", "SIN"],
  key: "accepted",
  active: "accepted",
  unknown: "refused",
};

/** The ring after a step of the walk. */
export function step(label: string): RingLedger {
  return ringOf(ledgerAfter(label));
}

/** @param of a ring, or the step of the walk after which it is */
export function situation(
  of: string | RingLedger,
  seconds: number,
  seen: Partial<RingObservation> = {},
): Situation {
  const ring = typeof of === "string" ? step(of) : of;
  const readBackAt = Object.fromEntries(ring.keys.map((key) => [key.name, at(0)]));
  return {
    ledger: { ...ledgerOf("ACTIVE"), rings: { [RING.id]: ring } },
    ring,
    wanted: { algorithm: "ES256", places: ring.places ?? [], accepts: RING.accepts },
    waits: WAITS,
    seen: { readBackAt, ...seen },
    now: T + 1000 * seconds,
  };
}

/** The ring with something else in one of its keys. */
export function edit(ring: RingLedger, name: string, change: Partial<KeyRecord>): RingLedger {
  return { ...ring, keys: ring.keys.map((key) => (key.name === name ? { ...key, ...change } : key)) };
}

/** A decision in a few words: what moves which key, or until which second, or why not. */
export function short(decision: Decision): string {
  switch (decision.step) {
    case "advance": {
      const { move, repair } = decision.advance;
      const to = move.substitute === undefined ? [] : [`to ${move.substitute}`];
      return [move.kind, move.key, ...to, ...(move.over ? ["over"] : []), ...(repair ? ["repair"] : [])].join(
        " ",
      );
    }
    case "look":
      return `look ${decision.look} ${decision.key}`;
    case "wait":
      return `wait ${(Date.parse(decision.until) - T) / 1000}`;
    case "stop":
      return `stop ${decision.code}`;
  }
}

/** The same with an advance's serial before it. */
export function numbered(decision: Decision): string {
  return decision.step === "advance" ? `${decision.advance.serial} ${short(decision)}` : short(decision);
}
