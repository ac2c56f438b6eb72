/** The checks that take a key away: acknowledge its successor, retire it, see it refused. */
import { advance, type Decision, instant, look, proof, type Situation, stop, wait } from "./decision.ts";
import { hasEnded } from "./realize.ts";

/** A key taken away stays on the list until the edge is seen to refuse it. */
export function confirmWhatWasTakenAway(situation: Situation): Decision | undefined {
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
