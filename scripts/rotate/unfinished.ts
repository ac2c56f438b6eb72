import type { UnfinishedMove } from "../../model/ring/decision.ts";
import type { Move, RingLedger } from "../../model/ring/ledger.ts";
import { isSameMove } from "../../model/ring/states.ts";
import type { StateResource } from "../engine/engine.ts";

/**
 * A move that a realizing resource has in its state and the ledger does not have: a run died, or another resource
 * failed, between the two.
 */
export function unfinishedMove(
  ledger: RingLedger,
  resources: readonly StateResource[],
): UnfinishedMove | undefined {
  const ahead = resources
    .flatMap((resource) => fencedOf(ledger.ring, resource))
    .filter(({ serial }) => serial > ledger.serial)
    .sort((a, b) => b.serial - a.serial);
  const [latest] = ahead;
  if (latest === undefined) return undefined;
  const rival = ahead.find(
    ({ serial, move }) => serial === latest.serial && !isSameMove(move, latest.move),
  )?.move;
  return { ...latest, ...(rival === undefined ? {} : { rival }) };
}

function fencedOf(ring: string, { type, inputs }: StateResource): { serial: number; move: Move }[] {
  const found = type.endsWith(":TokenConfiguration")
    ? inputs.ring === ring && inputs
    : type.endsWith(":PhaseRules") && (inputs.rings as Record<string, object> | undefined)?.[ring];
  const { serial, move } = (found || {}) as { serial?: number; move?: Move };
  return serial === undefined || move === undefined ? [] : [{ serial, move }];
}
