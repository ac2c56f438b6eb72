/** The emergency: take a key away now. One chain for `revoke` and for the cron tick that finishes what it began. */

import { onlyForeignKey } from "./advanceChecks.ts";
import { advance, type Decision, look, repeat, type Situation, stop, wait } from "./decision.ts";
import type { KeyRecord, Move } from "./ledger.ts";
import { nextName, publishedKeys } from "./realize.ts";
import { isLive, isPending, isSameMove } from "./states.ts";
import { mustBeFinished } from "./unfinished.ts";

/** Seconds between two looks at a substitute that the edge does not accept yet. */
const PROOF_PAUSE = 10;

/**
 * The next step of the revocation of `key`. Every write goes over whatever is there: an emergency always goes through.
 *
 * @param reason an operator's, for the ledger
 */
export function decideRevocation(situation: Situation, key: string, reason?: string): Decision {
  const { ring } = situation;
  const bad = ring.keys.find(({ name }) => name === key);
  if (bad === undefined) return stop("KEY_UNKNOWN", `ring ${ring.ring} has no key ${key}`);
  if (!isLive(bad.state)) return stop("KEY_ENDED", `key ${key} of ring ${ring.ring} is ${bad.state} already`);
  const decision =
    finishFirst(situation, bad) ??
    keepOnlyForeignKey(situation, bad) ??
    condemn(situation, bad) ??
    takeAway(situation, firstCondemned(situation) ?? bad);
  return decision.step === "advance" ? withReason(decision, reason) : decision;
}

/**
 * A revocation that was begun goes on, whoever runs what: its key is condemned in the ledger. Of several the one that
 * was condemned first: it may be gone from some zone already, and none of the others can be.
 */
export function finishRevocation(situation: Situation): Decision | undefined {
  const bad = firstCondemned(situation);
  return bad && takeAway(situation, bad);
}

function firstCondemned({ ring }: Situation): KeyRecord | undefined {
  const since = ({ history }: KeyRecord) => history.find(({ move }) => move.kind === "condemn")?.serial ?? 0;
  const [first] = ring.keys
    .filter((key) => key.condemned && isLive(key.state))
    .sort((a, b) => since(a) - since(b));
  return first;
}

/** Get a substitute where one is needed, publish it, see whether the edge accepts it, and only then take the key away. */
function takeAway(situation: Situation, bad: KeyRecord): Decision {
  return (
    finishFirst(situation, bad) ??
    keepOnlyForeignKey(situation, bad) ??
    makeSubstitute(situation, bad) ??
    publishSubstitute(situation, bad) ??
    proveSubstitute(situation, bad) ??
    removeKey(situation, bad)
  );
}

function withReason(decision: Extract<Decision, { step: "advance" }>, reason: string | undefined): Decision {
  const { kind } = decision.advance.move;
  if (reason === undefined || (kind !== "condemn" && kind !== "revoke")) return decision;
  return { ...decision, advance: { ...decision.advance, move: { ...decision.advance.move, reason } } };
}

/**
 * A half-done move that takes a key away or has reached the issuer. Not a promotion in the place of the bad key: its
 * key takes over all the same, and the bad one need not wait for the issuer.
 */
function finishFirst(situation: Situation, bad: KeyRecord): Decision | undefined {
  const open = situation.seen.unfinished;
  if (!mustBeFinished(open) || open.rival !== undefined) return undefined;
  if (open.move.kind === "promote" && bad.state === "ACTIVE") return undefined;
  return repeat(
    situation,
    open,
    true,
    `${open.move.kind} of ${open.move.key} was begun and not finished: first that`,
  );
}

/** Before anything is taken away: whatever becomes of this run, nothing brings the key back. */
function condemn(situation: Situation, bad: KeyRecord): Decision | undefined {
  if (bad.condemned) return undefined;
  return advance(situation, { kind: "condemn", key: bad.name }, `${bad.name} is to be taken away`);
}

/** Nobody here can make another key for a mirrored ring: its last one goes once its provider has brought one. */
function keepOnlyForeignKey(situation: Situation, bad: KeyRecord): Decision | undefined {
  const { ring } = situation;
  if (ring.kind !== "mirror" || !isOnly(situation, bad)) return undefined;
  return stop("NO_KEY_LEFT", onlyForeignKey(ring.ring, bad.name));
}

function makeSubstitute(situation: Situation, bad: KeyRecord): Decision | undefined {
  if (!needsSubstitute(situation, bad) || substituteOf(situation, bad)) return undefined;
  const { ring } = situation;
  const move: Move = { kind: "substitute", key: nextName(ring) };
  return urgent(situation, move, `a substitute for ${bad.name} is made`);
}

function publishSubstitute(situation: Situation, bad: KeyRecord): Decision | undefined {
  const substitute = substituteOf(situation, bad);
  if (substitute?.state !== "GENERATED") return undefined;
  const move: Move = { kind: "publish", key: substitute.name };
  return urgent(situation, move, `${substitute.name} is published to take over`);
}

/** The canary is asked for as long as patience lasts; then the substitute takes over unproved. */
function proveSubstitute(situation: Situation, bad: KeyRecord): Decision | undefined {
  const substitute = substituteOf(situation, bad);
  if (bad.state !== "ACTIVE" || substitute === undefined) return undefined;
  if (situation.ring.kind === "mirror") return undefined;
  const { canary } = situation.seen;
  if (canary === undefined) return look("canary", substitute.name, `is ${substitute.name} accepted already?`);
  if (isProof(canary) || (situation.patience ?? 0) <= 0) return undefined;
  return wait(situation.now + 1000 * PROOF_PAUSE, `${substitute.name} may still be on its way to the edge`);
}

/** True where the canary accepted the substitute and refused a stranger. */
export function isProof(canary: Situation["seen"]["canary"]): boolean {
  return canary?.key === "accepted" && canary.unknown === "refused";
}

function removeKey(situation: Situation, bad: KeyRecord): Decision {
  // In the place of a first key nothing takes over at once: the other one is proved and promoted as a first key is.
  const substitute =
    bad.state === "ACTIVE" && situation.ring.kind !== "mirror" ? substituteOf(situation, bad) : undefined;
  const takesOver = substitute === undefined ? {} : { substitute: substitute.name };
  return urgent(
    situation,
    { kind: "revoke", key: bad.name, ...takesOver },
    substitute ? `${bad.name} goes at once and ${substitute.name} signs` : `${bad.name} goes at once`,
  );
}

function needsSubstitute(situation: Situation, bad: KeyRecord): boolean {
  if (situation.ring.kind === "mirror") return false;
  return bad.state === "ACTIVE" || isOnly(situation, bad);
}

function isOnly({ ring }: Situation, key: KeyRecord): boolean {
  return publishedKeys(ring).every((other) => other === key);
}

/** A pending key, even one that is to go as well: there is one at a time, and its turn comes next. */
function substituteOf({ ring }: Situation, bad: KeyRecord): KeyRecord | undefined {
  return ring.keys.find((key) => key !== bad && isPending(key.state));
}

/** A revocation that is half done is the same move again; anything else overtakes what was begun. */
function urgent(situation: Situation, move: Move, reason: string): Decision {
  const open = situation.seen.unfinished;
  if (open !== undefined && open.rival === undefined && isSameMove(open.move, move))
    return repeat(situation, open, true, reason);
  return advance(situation, { ...move, over: true }, reason);
}
