/** The checks that bring a new key on: publish it, wait, prove it, promote it. */
import {
  advance,
  type CanaryAnswer,
  type Decision,
  look,
  proof,
  type Situation,
  stop,
  wait,
} from "./decision.ts";
import type { Evidence, KeyRecord, RingLedger } from "./ledger.ts";

/** A key is public only after its private part is kept. */
export function publishWhatWasGenerated(situation: Situation): Decision | undefined {
  const key = situation.ring.keys.find((candidate) => candidate.state === "GENERATED");
  if (key === undefined) return undefined;
  return advance(situation, { kind: "publish", key: key.name }, `${key.name} exists and is not published`);
}

/** W counts from the read-back in every zone. */
export function waitForPropagation({ ring, seen, waits, now }: Situation): Decision | undefined {
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

/** The edge itself says whether it accepts the key; old evidence is asked for again. */
export function proveTheNextKey(situation: Situation): Decision | undefined {
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

/** Only a key with fresh evidence gets here. */
export function promoteTheNextKey(situation: Situation): Decision | undefined {
  const key = situation.ring.keys.find((candidate) => candidate.state === "VERIFIED");
  if (key === undefined) return undefined;
  return advance(
    situation,
    { kind: "promote", key: key.name },
    `${key.name} is published, propagated and proved`,
  );
}
