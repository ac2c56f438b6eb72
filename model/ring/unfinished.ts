/** What to do with a move that a resource has begun and the ledger does not have. */
import { bringOnProof, isLeadOver } from "./bringOn.ts";
import { advance, type Decision, repeat, type Situation, type UnfinishedMove } from "./decision.ts";
import { stopAtDrift } from "./drift.ts";
import type { Move } from "./ledger.ts";
import type { MoveKind } from "./states.ts";

/**
 * Moves after which the ledger no longer says which keys are in use: the issuer may sign with another key by now, or
 * a key is gone from Cloudflare. They are finished before anything else is done; another move in their place would
 * take away a key that signs, or bring back one that was taken away.
 */
const FINISHED_FIRST: ReadonlySet<MoveKind> = new Set(["promote", "retire", "abort", "revoke"]);

/** True when a half-done move must be finished, and may not be overtaken by another one. */
export function mustBeFinished(open: UnfinishedMove | undefined): open is UnfinishedMove {
  return open !== undefined && FINISHED_FIRST.has(open.move.kind);
}

/**
 * Does again what was begun. A promotion is looked at anew: its key may have been removed since, and its evidence is
 * as old as the run that died. Of two moves with one serial, the one that takes a key away overtakes the other: neither
 * can have reached the issuer, which comes after every zone.
 */
export function finishWhatWasBegun(situation: Situation): Decision | undefined {
  const open = situation.seen.unfinished;
  if (open === undefined) return undefined;
  if (open.rival !== undefined) {
    const move = lastingOf(open.move, open.rival);
    return advance(
      situation,
      move,
      `${move.kind} of ${move.key} was begun beside another move: it overtakes both`,
    );
  }
  if (open.move.kind === "promote") {
    const stays =
      stopAtDrift(situation) ??
      isLeadOver(situation, open.move.key) ??
      bringOnProof(situation, open.move.key);
    if (stays) return stays;
  }
  return repeat(
    situation,
    open,
    false,
    `${open.move.kind} of ${open.move.key} was begun and not finished: repeat it`,
  );
}

/** In this order what takes a key away, then all else, and a promotion last: its key has to be proved. */
const LASTING: readonly MoveKind[] = ["revoke", "abort", "retire", "confirm"];

function lastingOf(a: Move, b: Move): Move {
  const rank = ({ kind }: Move) => {
    if (kind === "promote") return Number.POSITIVE_INFINITY;
    return LASTING.includes(kind) ? LASTING.indexOf(kind) : LASTING.length;
  };
  return rank(b) < rank(a) ? b : a;
}
