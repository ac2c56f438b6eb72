/** What an operator asks for besides what is due: give a pending key up, or write the ledger's keys. */

import { endAtOnce } from "./accepts.ts";
import { isLeadOver } from "./bringOn.ts";
import { decide } from "./decide.ts";
import { advance, type Decision, instant, repeat, type Situation, stop } from "./decision.ts";
import { doubtPendingKey, writeLedgersKeys } from "./drift.ts";
import { refuseOwnKeysOnly } from "./mirrored.ts";
import { publishedKeys } from "./realize.ts";
import { finishRevocation } from "./revocation.ts";
import { isPending } from "./states.ts";
import { attestSigners } from "./takeAway.ts";
import { finishWhatWasBegun, mustBeFinished } from "./unfinished.ts";

type Check = (situation: Situation) => Decision | undefined;

const ABORT: readonly Check[] = [finishRevocation, finishWhatMustBe, nothingPending, keepTheOnlyKey, giveUp];

const RESTORE: readonly Check[] = [finishRevocation, repairPromotion, writeOverWhatWasBegun, writeKeys];

/** The next step of `abort`: a key that never signed a production token is given up. */
export function decideAbort(situation: Situation): Decision {
  return refuseOwnKeysOnly(situation, "give up") ?? first(ABORT, situation);
}

/** The next step of `--attest`: what somebody saw of the issuer counts in the place of samples. */
export function decideAttestation(
  situation: Situation,
  words: { readonly reason: string; readonly by: string },
): Decision {
  return (
    refuseOwnKeysOnly(situation, "attest") ??
    finishRevocation(situation) ??
    finishWhatWasBegun(situation) ??
    attestSigners(situation, words)
  );
}

/** The next step of `--end`: what issuers or audiences the definitions no longer have is not accepted any longer. */
export function decideEnd(situation: Situation): Decision {
  return finishRevocation(situation) ?? finishWhatWasBegun(situation) ?? endAtOnce(situation);
}

/**
 * The next step of `--restore`.
 *
 * @param isNamed the operator named the ring: not every foreign change can be seen, so it is written whatever is seen
 */
export function decideRestore(situation: Situation, isNamed: boolean): Decision {
  if (!isNamed && situation.seen.drift === undefined) return decide(situation);
  return first(RESTORE, situation);
}

function first(checks: readonly Check[], situation: Situation): Decision {
  for (const check of checks) {
    const decision = check(situation);
    if (decision) return decision;
  }
  return decide(situation);
}

/**
 * A key that is given up may be one whose publication cannot succeed: nothing signs with it, so that half-done move is
 * overtaken. One that may sign already is not given up.
 */
function finishWhatMustBe(situation: Situation): Decision | undefined {
  return mustBeFinished(situation.seen.unfinished) ? decide(situation) : undefined;
}

function nothingPending({ ring, now }: Situation): Decision | undefined {
  if (ring.keys.some((key) => isPending(key.state))) return undefined;
  return { step: "wait", until: instant(now), reason: "there is no pending key to give up" };
}

function keepTheOnlyKey({ ring }: Situation): Decision | undefined {
  const pending = ring.keys.find((key) => isPending(key.state));
  if (pending === undefined || publishedKeys(ring).some((key) => key !== pending)) return undefined;
  return stop(
    "NO_KEY_LEFT",
    `${pending.name} is the only published key of ring ${ring.ring}: \`keyturn revoke ${ring.ring} --key ${pending.name} --yes\` makes another one first`,
  );
}

function giveUp(situation: Situation): Decision | undefined {
  const pending = situation.ring.keys.find((key) => isPending(key.state));
  if (pending === undefined) return undefined;
  return advance(situation, { kind: "abort", key: pending.name }, "asked for: the pending key is given up");
}

/**
 * A half-done promotion may have reached the issuer, so it stays begun: only its keys are written, and it is finished
 * once every point of presence has had the time to learn of them.
 */
function repairPromotion(situation: Situation): Decision | undefined {
  const open = situation.seen.unfinished;
  if (open?.move.kind !== "promote" || open.rival !== undefined) return undefined;
  if (situation.seen.drift === undefined && isLeadOver(situation, open.move.key)) return decide(situation);
  const decision = repeat(
    situation,
    open,
    true,
    `the keys of the begun promotion of ${open.move.key} are written`,
  );
  return { ...decision, advance: { ...decision.advance, repair: true } };
}

/** What takes a key away is finished over whatever is there. */
function writeOverWhatWasBegun(situation: Situation): Decision | undefined {
  const open = situation.seen.unfinished;
  if (!mustBeFinished(open) || open.rival !== undefined) return undefined;
  return repeat(
    situation,
    open,
    true,
    `${open.move.kind} of ${open.move.key} was begun: it is finished over what is there`,
  );
}

function writeKeys(situation: Situation): Decision | undefined {
  return (
    doubtPendingKey(situation) ??
    writeLedgersKeys(situation, "asked for: the ledger's keys are written over what is there")
  );
}
