import type { Decision, RingObservation } from "../../model/ring/decision.ts";
import type { Move, RingLedger } from "../../model/ring/ledger.ts";
import type { MoveKind } from "../../model/ring/states.ts";
import type { StateResource } from "../engine/engine.ts";

export type UnfinishedMove = NonNullable<RingObservation["unfinished"]>;

/**
 * Moves after which the ledger no longer says which keys are in use: the issuer may sign with another key by now, or
 * a key is gone from Cloudflare. They are finished before anything else is done; another move in their place would
 * take away a key that signs, or bring back one that was revoked.
 */
const FINISHED_FIRST: ReadonlySet<MoveKind> = new Set(["promote", "retire", "abort", "revoke"]);

/** True when a half-done move must be finished, and may not be overtaken by another one. */
export function mustBeFinished(open: UnfinishedMove | undefined): boolean {
  return open !== undefined && FINISHED_FIRST.has(open.move.kind);
}

/**
 * A move that a realizing resource has in its state and the ledger does not have: a run died, or another resource
 * failed, between the two.
 */
export function unfinishedMove(
  ledger: RingLedger,
  resources: readonly StateResource[],
): UnfinishedMove | undefined {
  const found = resources.flatMap(({ type, inputs }) => {
    if (type.endsWith(":TokenConfiguration") && inputs.ring === ledger.ring) return [inputs];
    if (type.endsWith(":PhaseRules")) {
      const entry = (inputs.rings as Record<string, unknown> | undefined)?.[ledger.ring];
      return entry === undefined ? [] : [entry as Record<string, unknown>];
    }
    return [];
  });
  const ahead = found.filter((entry) => Number(entry.serial) > ledger.serial);
  const latest = ahead.sort((a, b) => Number(b.serial) - Number(a.serial))[0];
  return latest === undefined ? undefined : { serial: Number(latest.serial), move: latest.move as Move };
}

/** The decision with a serial past whatever a half-done move has reached, so that the fence lets it through. */
export function overtaking(
  decision: Decision & { step: "advance" },
  open: UnfinishedMove | undefined,
): Decision & { step: "advance" } {
  if (open === undefined) return decision;
  return { ...decision, advance: { ...decision.advance, serial: open.serial + 1 } };
}
