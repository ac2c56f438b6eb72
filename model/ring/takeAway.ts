/** The checks that take a key away: acknowledge its successor, retire it, see it refused. */
import { formatDuration } from "../facts/durations.ts";
import {
  advance,
  type Decision,
  instant,
  knownEverywhere,
  look,
  proof,
  type SampleAnswer,
  type Situation,
  stop,
  wait,
} from "./decision.ts";
import type { KeyRecord } from "./ledger.ts";
import { activeKey, hasEnded } from "./realize.ts";

/** A key taken away stays on the list until the edge is seen to refuse it. */
export function confirmWhatWasTakenAway(situation: Situation): Decision | undefined {
  const { ring, seen, now } = situation;
  const gone = ring.keys.find((key) => hasEnded(key) && key.confirmedAt === undefined);
  if (gone === undefined) return undefined;
  const answer = seen.refused;
  if (answer === undefined) return look("refused", gone.name, `${gone.name} was taken away: is it refused?`);
  if (answer.key === "refused" && answer.active === "accepted") {
    return advance(
      situation,
      { kind: "confirm", key: gone.name, evidence: proof(answer) },
      `the edge refuses ${gone.name} and accepts the active key`,
    );
  }
  const since = Date.parse(seen.writtenAt ?? instant(now));
  const bound = knownEverywhere(situation, since);
  if (answer.key === "accepted" && now > bound) {
    return stop(
      "RETIRED_KEY_ACCEPTED",
      `${gone.name} was taken away at ${instant(since)} and is still accepted at ${answer.pops.join(", ")}: a point of presence may lag beyond P, or another configuration holds the key`,
    );
  }
  if (now > bound) {
    return stop(
      "NO_CANARY_EVIDENCE",
      `the canary path of ring ${ring.ring} gives no answer of its own: a redirect, rewrite or account rule in front of it? Look for what answers there`,
    );
  }
  return wait(bound, `${gone.name} may still be known at points of presence`);
}

/** The overlap counts from an instant seen after the promoting update, never from the decision. */
export function acknowledgePromotion(situation: Situation): Decision | undefined {
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

/** Time alone retires nothing: the issuer has to be seen to sign with the active key. */
export function retireWhatIsNoLongerUsed(situation: Situation): Decision | undefined {
  const { ring, seen, now } = situation;
  const retiring = ring.keys.find((key) => key.state === "RETIRING");
  if (retiring?.acknowledgedAt === undefined) return undefined;
  const acknowledged = Date.parse(retiring.acknowledgedAt);
  const lag = acknowledged + 1000 * retiring.signerLagSeconds;
  if (now < lag) return wait(lag, `issuers may still sign with ${retiring.name}`);
  const over = acknowledged + 1000 * retiring.overlapSeconds;
  if (seen.samples === undefined) return look("samples", retiring.name, "which key do issuers sign with?");
  const { byKey, longestSeconds = 0 } = seen.samples;
  if ((byKey[retiring.name] ?? 0) > 0) {
    return stop(
      "STILL_SIGNING_WITH_OLD_KEY",
      `the issuer of ring ${ring.ring} still signs with ${retiring.name}, ${retiring.signerLagSeconds} s after the promotion: see that it reads the active key; ${retiring.name} stays`,
    );
  }
  if (longestSeconds > retiring.lifetimeSeconds) {
    return stop(
      "TOKENS_LIVE_LONGER",
      `the issuer of ring ${ring.ring} gives out tokens for ${formatDuration(longestSeconds)}, declared are ${formatDuration(retiring.lifetimeSeconds)}: tokens of ${retiring.name} may hold for longer than its overlap. Declare ${formatDuration(longestSeconds)} as the ring's lifetime, or let the issuer shorten its tokens and wait until the last long one has ended; ${retiring.name} stays`,
    );
  }
  if (now < over) return wait(over, `tokens of ${retiring.name} may still be in use`);
  const active = activeKey(ring)?.name ?? "";
  const fresh = byKey[active] ?? 0;
  const attested = retiring.attestedAt !== undefined;
  if (!attested && !(fresh > 0 && isWhole(seen.samples, fresh)))
    return stop("NO_SAMPLES", noSamples(situation, retiring, seen.samples, fresh));
  return advance(
    situation,
    { kind: "retire", key: retiring.name, evidence: { samples: fresh, observedAt: seen.samples.at } },
    `the overlap of ${retiring.name} is over and ${attested ? `it was attested at ${retiring.attestedAt} that issuers sign with` : `all ${fresh} sampled tokens carry`} ${active}`,
  );
}

/** One sample that says nothing may be the one of a signer that has not got the new key. */
function isWhole({ byKey, uncounted = [] }: SampleAnswer, fresh: number): boolean {
  return uncounted.length === 0 && Object.values(byKey).reduce((sum, count) => sum + count, 0) === fresh;
}

function noSamples(
  { ring }: Situation,
  retiring: KeyRecord,
  { byKey, uncounted = [] }: SampleAnswer,
  fresh: number,
): string {
  const total = Object.values(byKey).reduce((sum, count) => sum + count, 0) + uncounted.length;
  const why = [...new Set(uncounted)].map((text) => {
    const times = uncounted.filter((other) => other === text).length;
    return times === 1 ? text : `${text} (${times} times)`;
  });
  const seen =
    total === 0
      ? "the ring has no sample address (`keyturn:samples`)"
      : `of ${total} samples ${fresh} carry it${why.length > 0 ? `, and others did not count: ${why.join("; ")}` : ""}`;
  return `nothing shows that the issuer of ring ${ring.ring} signs with the active key: ${seen}. ${retiring.name} stays. Mend that; or see for yourself and say so: \`keyturn rotate ${ring.ring} --attest "how it was seen" --by "who"\``;
}

/**
 * What a person or a report says in the place of samples: that issuers sign with the active key. Whoever says so
 * within L may not have met the slowest signer.
 */
export function attestSigners(
  situation: Situation,
  { reason, by }: { readonly reason: string; readonly by: string },
): Decision {
  const { ring, now } = situation;
  const retiring = ring.keys.find((key) => key.state === "RETIRING");
  if (retiring?.acknowledgedAt === undefined) {
    return stop(
      "NOTHING_TO_ATTEST",
      `ring ${ring.ring} has no retiring key whose promotion was acknowledged: \`keyturn status\` shows when it has`,
    );
  }
  const lag = Date.parse(retiring.acknowledgedAt) + 1000 * retiring.signerLagSeconds;
  if (now < lag)
    return wait(lag, `issuers may still sign with ${retiring.name}; an attestation counts from then on`);
  return advance(
    situation,
    { kind: "attest", key: retiring.name, reason, by, evidence: { observedAt: instant(now) } },
    `${by} says that no issuer signs with ${retiring.name} any more`,
  );
}
