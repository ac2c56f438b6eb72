import { decide } from "../../model/ring/decide.ts";
import { advance, type Decision, type Situation } from "../../model/ring/decision.ts";
import { activeKey, publishedKeys } from "../../model/ring/realize.ts";
import { isPending } from "../../model/ring/states.ts";
import { attestSigners } from "../../model/ring/takeAway.ts";
import { mustBeFinished, overtaking } from "./unfinished.ts";

/** What the operator may ask for besides what is due. */
export interface Wishes {
  readonly rings?: readonly string[];
  readonly restore?: boolean;
  readonly abort?: boolean;
  /** Recorded in the place of samples. */
  readonly attest?: { readonly reason: string; readonly by: string };
}

/**
 * What the operator asked for comes before the chain, but after a move that was left half-done. A key that is given
 * up may be one whose publication cannot succeed: nothing signs with it, so that half-done move is overtaken.
 */
export function choose(situation: Situation, wishes: Wishes): Decision {
  const { seen } = situation;
  if (wishes.restore && seen.unfinished === undefined) {
    // Not every foreign change can be seen from here, so a ring that was named is written whatever is seen.
    if (seen.drift !== undefined || wishes.rings !== undefined) return restore(situation);
  }
  if (wishes.abort && !mustBeFinished(seen.unfinished)) return giveUp(situation);
  if (wishes.attest && seen.unfinished === undefined) return attestSigners(situation, wishes.attest);
  return decide(situation);
}

function restore(situation: Situation): Decision {
  const { ring } = situation;
  const key = activeKey(ring) ?? publishedKeys(ring)[0];
  return advance(
    situation,
    { kind: "restore", key: key?.name ?? "" },
    "asked for: the ledger's keys are written over what is there",
  );
}

function giveUp(situation: Situation): Decision {
  const { ring, seen, now } = situation;
  const pending = ring.keys.find((key) => isPending(key.state));
  if (pending === undefined)
    return {
      step: "wait",
      until: new Date(now).toISOString(),
      reason: "there is no pending key to give up",
    };
  const decision = advance(
    situation,
    { kind: "abort", key: pending.name },
    "asked for: the pending key is given up",
  );
  return overtaking(decision, seen.unfinished);
}
