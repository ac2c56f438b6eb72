import {
  promoteTheNextKey,
  proveTheNextKey,
  publishWhatWasGenerated,
  waitForPropagation,
} from "./bringOn.ts";
import { type Decision, type Situation, stop, wait } from "./decision.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import { beginWhenDue, dueAt } from "./schedule.ts";
import { isPublishing, MOVES } from "./states.ts";
import { acknowledgePromotion, confirmWhatWasTakenAway, retireWhatIsNoLongerUsed } from "./takeAway.ts";

type Check = (situation: Situation) => Decision | undefined;

/**
 * The order of the questions is the policy: finish what was begun, stop at what cannot be explained, prove what
 * was taken away, take away what is no longer used, bring on what is coming, and only then begin something new.
 */
const CHECKS: readonly Check[] = [
  repeatUnfinishedMove,
  stopAtDrift,
  confirmWhatWasTakenAway,
  acknowledgePromotion,
  retireWhatIsNoLongerUsed,
  publishWhatWasGenerated,
  waitForPropagation,
  proveTheNextKey,
  promoteTheNextKey,
  beginWhenDue,
];

/**
 * What a ring needs now: one move, one more look, or to be left alone until an instant. The first check that
 * answers decides, and says why.
 */
export function decide(situation: Situation): Decision {
  for (const check of CHECKS) {
    const decision = check(situation);
    if (decision) return decision;
  }
  const due = dueAt(situation);
  return wait(due, `next rotation of ${situation.ring.ring} is due`);
}

function repeatUnfinishedMove({ ledger, ring, seen }: Situation): Decision | undefined {
  const open = seen.unfinished;
  if (open === undefined || open.serial <= ring.serial) return undefined;
  return {
    step: "advance",
    advance: {
      format: 1,
      stack: ledger.stack,
      ring: ring.ring,
      serial: open.serial,
      ledger: ledgerDigest(ring),
      move: open.move,
    },
    reason: `${open.move.kind} of ${open.move.key} was begun and not finished: repeat it`,
  };
}

function stopAtDrift(situation: Situation): Decision | undefined {
  const { ring, seen } = situation;
  if (seen.drift === undefined || wasBegun(situation, seen.live ?? [])) return undefined;
  return stop(
    "DRIFT",
    `Cloudflare's keys of ring ${ring.ring} are not the ledger's: ${seen.drift}. A revocation that was cut short: run it again. An older state: import the newest. Somebody else: find out who; \`keyturn rotate ${ring.ring} --restore\` writes the ledger's set`,
  );
}

/**
 * A run that died between its write and the answer leaves the set that the next move wants: doing that move again
 * finds it in place. While more has to be looked at, the question stays open.
 */
function wasBegun(situation: Situation, live: readonly (readonly string[])[]): boolean {
  const { drift: _drift, live: _live, ...seen } = situation.seen;
  const next = decide({ ...situation, seen });
  if (next.step === "look") return true;
  if (next.step !== "advance") return false;
  const { ring } = situation;
  const known = [keysHeld(ring), keysHeld(ring, next.advance.move)];
  return live.length > 0 && live.every((keys) => known.includes([...keys].sort().join(" ")));
}

/** The keys that Cloudflare holds, once `move` is done if one is given. */
function keysHeld(ring: RingLedger, move?: Move): string {
  const stateOf = (key: KeyRecord) =>
    move !== undefined && key.name === move.key ? (MOVES[move.kind].to ?? key.state) : key.state;
  const held = ring.keys.filter((key) => isPublishing(stateOf(key)));
  return held
    .map((key) => `${key.kid} ${key.algorithm}`)
    .sort()
    .join(" ");
}
