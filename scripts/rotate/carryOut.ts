import type { OpenMove } from "../../model/ring/advance.ts";
import type { Advancing, Decision, RingObservation } from "../../model/ring/decision.ts";
import type { RunResult } from "../engine/engine.ts";
import { lookCloser } from "./observe.ts";
import { moveTargets, repairTargets } from "./targets.ts";
import type { Turn } from "./turn.ts";
import { unfinishedMove } from "./unfinished.ts";

/** Looks that one decision can ask for, and one more. */
const LOOKS = 4;

/** Decides, and looks closer as long as the decision asks for it. */
export async function settled(
  turn: Turn,
  first: RingObservation,
  decide: (seen: RingObservation) => Decision,
): Promise<{ readonly decision: Decision; readonly seen: RingObservation }> {
  let seen = first;
  let decision = decide(seen);
  for (let looks = 0; decision.step === "look" && looks < LOOKS; looks += 1) {
    seen = await lookCloser(turn, seen, decision);
    decision = decide(seen);
  }
  return { decision, seen };
}

/**
 * One `up` that carries the decision, on what it changes and nothing else. What other rings have begun goes with it: the
 * resources that they share with this one stay where those moves brought them.
 *
 * @param keysOnly an emergency's: whatever this program would compile, only what holds the key is touched
 */
export function carryOut(turn: Turn, { advance }: Advancing, keysOnly: boolean): Promise<RunResult> {
  const { world, ring, reading } = turn;
  const { desired } = reading.plan;
  const open = othersOpen(turn);
  return world.engine.up({
    advance: {
      ...advance,
      ...(open.length > 0 ? { open } : {}),
      ...(keysOnly ? { keysOnly: true } : {}),
    },
    targets: advance.repair ? repairTargets(ring, desired) : moveTargets(ring, advance.move.kind, desired),
  });
}

function othersOpen({ reading, ledger, resources }: Turn): OpenMove[] {
  return Object.values(reading.plan.ledger.rings).flatMap((other) => {
    const open = other.ring === ledger.ring ? undefined : unfinishedMove(other, resources);
    return open === undefined ? [] : [{ ring: other.ring, serial: open.serial, move: open.move }];
  });
}
