import type { Advance } from "./advance.ts";
import type { Evidence, KeyRecord, Ledger, Move, RingLedger } from "./ledger.ts";
import { ledgerDigest } from "./ledger.ts";
import { nextName } from "./next.ts";
import { hasEnded } from "./realize.ts";
import { isPending, isPublishing, MOVES } from "./states.ts";

/** The waits of one ring, all in seconds (`rotationPolicy` derives them). */
export interface RingWaits {
  /** R: from one planned rotation to the next. */
  readonly everySeconds: number;
  /** W: from the read-back of a key to its first production token. */
  readonly leadSeconds: number;
  /** O: from the acknowledged promotion to the retirement, for a token lifetime in seconds. */
  readonly overlapSeconds: (lifetimeSeconds: number) => number;
  /** L: how long after a promotion an issuer may still sign with the old key. */
  readonly signerLagSeconds: number;
  /** P: until the last point of presence has learned of a change. */
  readonly propagationSeconds: number;
  /** How long a canary's evidence may be used. */
  readonly evidenceSeconds: number;
}

/** What was seen of a ring, besides its ledger. Members that were not asked for are absent. */
export interface RingObservation {
  /** When every zone had read the key back, by key name; from the resources' reports. */
  readonly readBackAt: Readonly<Record<string, string>>;
  /** When the key set was last written and read back, by the resources' reports. */
  readonly writtenAt?: string;
  /** A move that a resource has carried out (or begun) and the ledger does not have. */
  readonly unfinished?: { readonly serial: number; readonly move: Move };
  /** Keys Cloudflare has and the ledger does not, or the reverse; from the API's own answer. */
  readonly drift?: string;
  /** Each token configuration's keys as `kid alg`, from the same answer: a dead run may have written the next set. */
  readonly live?: readonly (readonly string[])[];
  readonly canary?: CanaryAnswer;
  readonly samples?: SampleAnswer;
  readonly refused?: CanaryAnswer;
}

/** What the canary path answered, all rounds together. */
export interface CanaryAnswer {
  readonly at: string;
  readonly rounds: number;
  readonly pops: readonly string[];
  /** The key in question. `none`: the answer was not the canary's, so it is no evidence. */
  readonly key: "accepted" | "refused" | "none";
  /** The active key; absent when the ring has none yet. */
  readonly active?: "accepted" | "refused" | "none";
  /** A key of the same algorithm that was never published. */
  readonly unknown: "accepted" | "refused" | "none";
}

/** Production tokens fetched from the issuer: how many of them, by the name of the key that signed them. */
export interface SampleAnswer {
  readonly at: string;
  readonly byKey: Readonly<Record<string, number>>;
}

export type Look = "canary" | "samples" | "refused";

export type Decision =
  | { readonly step: "advance"; readonly advance: Advance; readonly reason: string }
  | { readonly step: "look"; readonly look: Look; readonly key: string; readonly reason: string }
  | { readonly step: "wait"; readonly until: string; readonly reason: string }
  | { readonly step: "stop"; readonly code: StopCode; readonly reason: string };

export type StopCode =
  | "DRIFT"
  | "NO_CANARY_EVIDENCE"
  | "CANARY_REFUSED"
  | "CANARY_TOO_LAX"
  | "STILL_SIGNING_WITH_OLD_KEY"
  | "NO_SAMPLES"
  | "RETIRED_KEY_ACCEPTED"
  | "NOT_DEPLOYED";

/** Everything a decision may depend on. */
export interface Situation {
  readonly ledger: Ledger;
  readonly ring: RingLedger;
  /** Algorithm and size that the definitions ask for. */
  readonly wanted: { readonly algorithm: string };
  readonly waits: RingWaits;
  readonly seen: RingObservation;
  /** Milliseconds since the Unix epoch, by the controller's clock. */
  readonly now: number;
  /** Rotate now, whatever the schedule says. */
  readonly force?: boolean;
}

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
    `Cloudflare's keys of ring ${ring.ring} are not the ledger's: ${seen.drift}. Find out who changed them; \`keyturn rotate ${ring.ring} --restore\` writes the ledger's set`,
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

/** A key taken away stays on the list until the edge is seen to refuse it. */
function confirmWhatWasTakenAway(situation: Situation): Decision | undefined {
  const { ring, seen, waits, now } = situation;
  const gone = ring.keys.find((key) => hasEnded(key) && key.confirmedAt === undefined);
  if (gone === undefined) return undefined;
  const answer = seen.refused;
  if (answer === undefined) return look("refused", gone, `${gone.name} was taken away: is it refused?`);
  if (answer.key === "refused" && answer.active === "accepted") {
    return advance(
      situation,
      { kind: "confirm", key: gone.name, evidence: proof(answer) },
      `the edge refuses ${gone.name} and accepts the active key`,
    );
  }
  const since = Date.parse(seen.writtenAt ?? instant(now));
  const bound = since + 1000 * (waits.propagationSeconds + 60);
  if (answer.key === "accepted" && now > bound) {
    return stop(
      "RETIRED_KEY_ACCEPTED",
      `${gone.name} was taken away at ${instant(since)} and is still accepted at ${answer.pops.join(", ")}: a point of presence may lag beyond P, or another configuration holds the key`,
    );
  }
  if (now > bound) {
    return stop(
      "NO_CANARY_EVIDENCE",
      `the canary path of ring ${ring.ring} gives no answer of its own: a redirect, rewrite or account rule in front of it? \`keyturn doctor\` looks`,
    );
  }
  return wait(bound, `${gone.name} may still be known at points of presence`);
}

function acknowledgePromotion(situation: Situation): Decision | undefined {
  const retiring = situation.ring.keys.find(
    (key) => key.state === "RETIRING" && key.acknowledgedAt === undefined,
  );
  if (retiring === undefined) return undefined;
  return advance(
    situation,
    { kind: "acknowledge", key: retiring.name, evidence: { observedAt: instant(situation.now) } },
    `the promotion is done; the overlap of ${retiring.name} counts from now`,
  );
}

function retireWhatIsNoLongerUsed(situation: Situation): Decision | undefined {
  const { ring, waits, seen, now } = situation;
  const retiring = ring.keys.find((key) => key.state === "RETIRING");
  if (retiring?.acknowledgedAt === undefined) return undefined;
  const acknowledged = Date.parse(retiring.acknowledgedAt);
  const lag = acknowledged + 1000 * waits.signerLagSeconds;
  if (now < lag) return wait(lag, `issuers may still sign with ${retiring.name}`);
  const over = acknowledged + 1000 * waits.overlapSeconds(retiring.lifetimeSeconds);
  if (seen.samples === undefined) return look("samples", retiring, "which key do issuers sign with?");
  const old = seen.samples.byKey[retiring.name] ?? 0;
  const active = ring.keys.find((key) => key.state === "ACTIVE");
  const fresh = active ? (seen.samples.byKey[active.name] ?? 0) : 0;
  const total = Object.values(seen.samples.byKey).reduce((sum, count) => sum + count, 0);
  if (old > 0) {
    return stop(
      "STILL_SIGNING_WITH_OLD_KEY",
      `the issuer of ring ${ring.ring} still signs with ${retiring.name}, ${waits.signerLagSeconds} s after the promotion: see that it reads the active key; ${retiring.name} stays`,
    );
  }
  if (now < over) return wait(over, `tokens of ${retiring.name} may still be in use`);
  if (fresh === 0 || fresh !== total) {
    return stop(
      "NO_SAMPLES",
      `no token of ring ${ring.ring}'s issuer carries the active key (${total} sampled, ${fresh} of them with it): set the ring's sample address; ${retiring.name} stays`,
    );
  }
  return advance(
    situation,
    { kind: "retire", key: retiring.name, evidence: { samples: fresh, observedAt: seen.samples.at } },
    `the overlap of ${retiring.name} is over and ${fresh} of ${total} sampled tokens carry ${active?.name}`,
  );
}

function publishWhatWasGenerated(situation: Situation): Decision | undefined {
  const key = situation.ring.keys.find((candidate) => candidate.state === "GENERATED");
  if (key === undefined) return undefined;
  return advance(situation, { kind: "publish", key: key.name }, `${key.name} exists and is not published`);
}

function waitForPropagation({ ring, seen, waits, now }: Situation): Decision | undefined {
  const key = ring.keys.find((candidate) => candidate.state === "PUBLISHED");
  if (key === undefined) return undefined;
  const published = seen.readBackAt[key.name];
  if (published === undefined) {
    return stop(
      "NOT_DEPLOYED",
      `no resource reports ${key.name} of ring ${ring.ring} as read back: run \`pulumi up\``,
    );
  }
  const lead = Date.parse(published) + 1000 * waits.leadSeconds;
  return now < lead
    ? wait(lead, `${key.name} was published at ${published}; points of presence learn of it until then`)
    : undefined;
}

function proveTheNextKey(situation: Situation): Decision | undefined {
  const { ring, seen, waits, now } = situation;
  const key = ring.keys.find(
    (candidate) => candidate.state === "PUBLISHED" || candidate.state === "VERIFIED",
  );
  if (key === undefined) return undefined;
  const fresh = key.provedAt !== undefined && now <= Date.parse(key.provedAt) + 1000 * waits.evidenceSeconds;
  if (key.state === "VERIFIED" && fresh) return undefined;
  if (seen.canary === undefined)
    return look("canary", key, `is ${key.name} accepted where tokens are checked?`);
  const refusal = judgeCanary(ring, key, seen.canary);
  if (refusal) return refusal;
  const publishedAt = key.publishedAt ?? seen.readBackAt[key.name];
  const evidence: Evidence = { ...proof(seen.canary), ...(publishedAt === undefined ? {} : { publishedAt }) };
  return advance(
    situation,
    { kind: "verify", key: key.name, evidence },
    `the edge accepts ${key.name} and refuses a key it was never given`,
  );
}

/** A canary means something only if the same round accepts what it must and refuses what it must (I4). */
function judgeCanary(ring: RingLedger, key: KeyRecord, canary: CanaryAnswer): Decision | undefined {
  const hasActive = ring.keys.some((candidate) => candidate.state === "ACTIVE");
  if (canary.key === "none" || canary.unknown === "none" || (hasActive && canary.active !== "accepted")) {
    return stop(
      "NO_CANARY_EVIDENCE",
      `the canary path of ring ${ring.ring} gives no evidence (key ${canary.key}, active ${canary.active ?? "-"}, never published ${canary.unknown}): is a redirect, rewrite or account rule in front of it?`,
    );
  }
  if (canary.unknown === "accepted") {
    return stop(
      "CANARY_TOO_LAX",
      `the canary path of ring ${ring.ring} accepts a key that was never published: its answers prove nothing`,
    );
  }
  if (canary.key === "refused") {
    return stop(
      "CANARY_REFUSED",
      `${key.name} of ring ${ring.ring} is refused at ${canary.pops.join(", ")} although W has passed: its secret may be another than the ledger's; \`keyturn abort ${ring.ring}\` gives it up`,
    );
  }
  return undefined;
}

function promoteTheNextKey(situation: Situation): Decision | undefined {
  const key = situation.ring.keys.find((candidate) => candidate.state === "VERIFIED");
  if (key === undefined) return undefined;
  return advance(
    situation,
    { kind: "promote", key: key.name },
    `${key.name} is published, propagated and proved`,
  );
}

function beginWhenDue(situation: Situation): Decision | undefined {
  const { ring, wanted, now, force } = situation;
  if (ring.keys.some((key) => isPending(key.state) || key.state === "RETIRING")) return undefined;
  const active = ring.keys.find((key) => key.state === "ACTIVE");
  const planned = dueAt(situation);
  const otherAlgorithm = active !== undefined && active.algorithm !== wanted.algorithm;
  if (now < planned && !otherAlgorithm && !force && active !== undefined) return undefined;
  const reason = otherAlgorithm
    ? `the definitions ask for ${wanted.algorithm}, the active key is ${active.algorithm}`
    : force
      ? "asked for"
      : `due since ${instant(planned)}`;
  const plannedAt = instant(now < planned ? now : latestSlot(planned, now, situation.waits.everySeconds));
  return advance(
    situation,
    { kind: "generate", key: nextName(ring), plannedAt },
    `rotation of ${ring.ring}: ${reason}`,
  );
}

/** The schedule: a late run does not shift it, and missed periods are skipped, not made up for. */
function latestSlot(planned: number, now: number, everySeconds: number): number {
  const period = 1000 * everySeconds;
  return planned + Math.floor((now - planned) / period) * period;
}

/** When the next rotation is due: the newest key's planned instant plus R, in milliseconds. */
export function dueAt({ ring, waits, seen }: Pick<Situation, "ring" | "waits" | "seen">): number {
  const newest = ring.keys.filter((key) => isPublishing(key.state)).at(-1);
  const begun =
    newest?.plannedAt ?? newest?.publishedAt ?? (newest ? seen.readBackAt[newest.name] : undefined);
  return begun === undefined ? 0 : Date.parse(begun) + 1000 * waits.everySeconds;
}

function proof(canary: CanaryAnswer): Evidence {
  return { provedAt: canary.at, rounds: canary.rounds, pops: [...canary.pops] };
}

/** Writes the advance that carries `move` for the ring of `situation`. */
export function advance(
  { ledger, ring, now }: Pick<Situation, "ledger" | "ring" | "now">,
  move: Move,
  reason: string,
): Decision & { step: "advance" } {
  return {
    step: "advance",
    advance: {
      format: 1,
      stack: ledger.stack,
      ring: ring.ring,
      serial: ring.serial + 1,
      ledger: ledgerDigest(ring),
      move: { ...move, at: instant(now) },
    },
    reason,
  };
}

function look(what: Look, key: KeyRecord, reason: string): Decision {
  return { step: "look", look: what, key: key.name, reason };
}

function wait(until: number, reason: string): Decision {
  return { step: "wait", until: instant(until), reason };
}

function stop(code: StopCode, reason: string): Decision {
  return { step: "stop", code, reason };
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
