import { endWhatLeft, noteWhatLeaves, waitForWhatLeaves } from "./accepts.ts";
import {
  announceWhatWasPublished,
  promoteTheNextKey,
  proveTheNextKey,
  publishWhatWasGenerated,
  waitForPropagation,
} from "./bringOn.ts";
import { type Decision, type Situation, wait } from "./decision.ts";
import { doubtPendingKey, isExplainedBy, restoreWhatIsDoubted, stopAtDrift } from "./drift.ts";
import { trustWhatIsKnown, waitForTheProvider } from "./mirrored.ts";
import { settleNewPlaces, waitForNewPlaces } from "./places.ts";
import { finishRevocation } from "./revocation.ts";
import { beginWhenDue, dueAt } from "./schedule.ts";
import { acknowledgePromotion, confirmWhatWasTakenAway, retireWhatIsNoLongerUsed } from "./takeAway.ts";
import { finishWhatWasBegun } from "./unfinished.ts";

type Check = (situation: Situation) => Decision | undefined;

/** Prove what was taken away, take away what is no longer used, bring on what is coming, only then begin something new. */
const ORDINARY: readonly Check[] = [
  confirmWhatWasTakenAway,
  acknowledgePromotion,
  retireWhatIsNoLongerUsed,
  publishWhatWasGenerated,
  announceWhatWasPublished,
  waitForPropagation,
  proveTheNextKey,
  promoteTheNextKey,
  waitForNewPlaces,
  beginWhenDue,
  waitForWhatLeaves,
];

/** Nothing of a mirrored ring begins here: what its provider does is fetched (`adopt`). */
const MIRRORED: readonly Check[] = [
  trustWhatIsKnown,
  waitForNewPlaces,
  waitForWhatLeaves,
  waitForTheProvider,
];

/**
 * The order of the questions is the policy: an emergency first, then finish what was begun, leave alone what nobody
 * uses, stop at what cannot be explained, and only then the ordinary steps.
 */
const FIRST: readonly Check[] = [
  finishRevocation,
  finishWhatWasBegun,
  leaveUnusedRings,
  stopAtForeignChange,
  restoreWhatIsDoubted,
  settleNewPlaces,
  noteWhatLeaves,
  endWhatLeft,
];

function ordinary({ ring }: Situation): readonly Check[] {
  switch (ring.kind) {
    case "jwt":
    case "hmac":
      return ORDINARY;
    case "mirror":
      return MIRRORED;
  }
}

/**
 * What a ring needs now: one move, one more look, or to be left alone until an instant. The first check that
 * answers decides, and says why.
 */
export function decide(situation: Situation): Decision {
  return first([...FIRST, ...ordinary(situation)], situation);
}

function first(checks: readonly Check[], situation: Situation): Decision {
  for (const check of checks) {
    const decision = check(situation);
    if (decision) return decision;
  }
  return wait(dueAt(situation), `next rotation of ${situation.ring.ring} is due`);
}

/**
 * Nothing of an unused ring is at Cloudflare, so nothing about its keys can be read back or proved; and nothing of a
 * forgotten one matters any more.
 */
function leaveUnusedRings({ ring, seen, waits, now }: Situation): Decision | undefined {
  if (ring.forgottenAt !== undefined) {
    return wait(
      now + 1000 * waits.everySeconds,
      `${ring.ring} is forgotten: take it out of the definitions and run \`pulumi up\``,
    );
  }
  if (seen.unused === undefined) return undefined;
  return wait(
    now + 1000 * waits.everySeconds,
    `no rule uses ring ${ring.ring}: its keys stay as they are until one does; \`keyturn forget ${ring.ring}\` gives it up`,
  );
}

function stopAtForeignChange(situation: Situation): Decision | undefined {
  const stopped = stopAtDrift(situation);
  if (stopped === undefined || isExplainedBy(first(ordinary(situation), situation), situation))
    return undefined;
  return doubtPendingKey(situation) ?? stopped;
}
