/** Keys at Cloudflare that are not the ledger's: what a dead run left behind, or somebody else's doing. */

import { advance, type Decision, type Situation, stop } from "./decision.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { mendDrift } from "./mending.ts";
import { activeKey, publishedKeys } from "./realize.ts";
import { isPending, isPublishing, MOVES } from "./states.ts";

/** Stops at a foreign change; the ways out are named. */
export function stopAtDrift({ ring, seen }: Situation): Decision | undefined {
  if (seen.drift === undefined) return undefined;
  return stop(
    "DRIFT",
    `Cloudflare's keys of ring ${ring.ring} are not the ledger's: ${seen.drift}. ${mendDrift(ring.ring)}`,
  );
}

/**
 * True where a run that died between its write and the answer explains what Cloudflare holds: the set that `next`
 * wants, in some zones or in all. Doing that move again finds it in place. While more has to be looked at, the
 * question stays open.
 */
export function isExplainedBy(next: Decision, { ring, seen }: Situation): boolean {
  if (next.step === "look") return true;
  if (next.step !== "advance") return false;
  const live = seen.live ?? [];
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

/**
 * What was proved of a pending key is void once its key set was found changed, whoever puts it right: that is recorded
 * before anything else is said or written.
 */
export function doubtPendingKey(situation: Situation): Decision | undefined {
  const pending = publishedKeys(situation.ring).find((key) => isPending(key.state));
  if (pending === undefined || pending.doubted) return undefined;
  return advance(
    situation,
    { kind: "doubt", key: pending.name },
    `the key set of ${pending.name} is not what it was: it is proved anew once it is`,
  );
}

/** A key set that was found changed and is right again was put right by somebody: it is written, and W begins anew. */
export function restoreWhatIsDoubted(situation: Situation): Decision | undefined {
  const { ring, seen } = situation;
  const isDoubted = publishedKeys(ring).some((key) => key.doubted && isPending(key.state));
  if (!isDoubted || seen.drift !== undefined) return undefined;
  return writeLedgersKeys(situation, "the key set was found changed: it is written anew");
}

/** The move that writes the ledger's keys over whatever is there. */
export function writeLedgersKeys(situation: Situation, reason: string): Decision {
  const { ring } = situation;
  const key = activeKey(ring) ?? publishedKeys(ring)[0];
  return advance(situation, { kind: "restore", key: key?.name ?? "" }, reason);
}
