/** An advance that fits a ledger, and what becomes of the ledger. */
import type { Advance } from "../advance.ts";
import { type Ledger, ledgerDigest, type Move, type RingLedger } from "../ledger.ts";
import { nextLedger } from "../next.ts";
import type { RingDefinition } from "../ringDefinition.ts";
import { RING, STACK, walk } from "./walk.ts";

const KNOWN = new Set(["ES256", "HS256", "RS256"]);

export function ringOf(ledger: Ledger): RingLedger {
  return ledger.rings[RING.id] as RingLedger;
}

/** The ledger after a step of the walk. */
export function ledgerAfter(label: string): Ledger {
  const ledger = walk().find((entry) => entry.label === label)?.ledger;
  if (ledger === undefined) throw new Error(`the walk has no step ${label}`);
  return ledger;
}

export function advanceFor(ledger: Ledger, move: Move, change: Partial<Advance> = {}): Advance {
  const current = ringOf(ledger);
  return {
    format: 1,
    stack: STACK,
    ring: RING.id,
    serial: current.serial + 1,
    ledger: ledgerDigest(current),
    move,
    ...change,
  };
}

export function next(ledger: Ledger, advance?: Advance, definitions: readonly RingDefinition[] = [RING]) {
  return nextLedger(ledger, definitions, advance, KNOWN);
}

/** The ledger after the move. @throws Error where it is refused */
export function moved(ledger: Ledger, move: Move, definition: RingDefinition = RING): Ledger {
  const answer = next(ledger, advanceFor(ledger, move), [definition]);
  if (!answer.ok) throw new Error(answer.message);
  return answer.ledger;
}

/** The states of the ring's keys. */
export function states(ledger: Ledger): string {
  return ringOf(ledger)
    .keys.map((key) => `${key.name} ${key.state}`)
    .join(", ");
}
