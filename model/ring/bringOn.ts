/** The checks that bring a new key on: publish it, wait, prove it, promote it. */
import {
  advance,
  type CanaryAnswer,
  type Decision,
  instant,
  look,
  proof,
  type Situation,
  stop,
  wait,
} from "./decision.ts";
import type { Evidence, KeyRecord, RingLedger } from "./ledger.ts";
import { activeKey, publishedKeys } from "./realize.ts";

/** A key is public only after its private part is kept. */
export function publishWhatWasGenerated(situation: Situation): Decision | undefined {
  const key = situation.ring.keys.find((candidate) => candidate.state === "GENERATED");
  if (key === undefined) return undefined;
  return advance(situation, { kind: "publish", key: key.name }, `${key.name} exists and is not published`);
}

/** The JWKS is live once the update that published the key has ended: an instant that is seen after it. */
export function announceWhatWasPublished(situation: Situation): Decision | undefined {
  const { ring, seen, now } = situation;
  const key = ring.keys.find((candidate) => candidate.state === "PUBLISHED");
  if (key === undefined || key.announcedAt !== undefined || !seen.jwks?.includes(key.kid ?? ""))
    return undefined;
  return advance(
    situation,
    { kind: "announce", key: key.name, evidence: { observedAt: instant(now) } },
    `the published JWKS has ${key.name}; the lead counts from now`,
  );
}

/** W counts from the read-back in every zone, and from the JWKS being live. */
export function waitForPropagation(situation: Situation): Decision | undefined {
  const key = nextKey(situation);
  return key && isLeadOver(situation, key.name);
}

/** Undefined once W is over for a key; else what to wait for. */
export function isLeadOver({ ring, seen, waits, now }: Situation, name: string): Decision | undefined {
  const published = seen.readBackAt[name];
  if (published === undefined) {
    return stop(
      "NOT_DEPLOYED",
      `no resource reports ${name} of ring ${ring.ring} as read back: run \`pulumi up\``,
    );
  }
  const announced = ring.keys.find((key) => key.name === name)?.announcedAt ?? published;
  const since = Math.max(Date.parse(published), Date.parse(announced));
  const lead = since + 1000 * waits.leadSeconds;
  return now < lead
    ? wait(lead, `${name} was published at ${instant(since)}; points of presence learn of it until then`)
    : undefined;
}

/** The edge itself says whether it accepts the key; old evidence is asked for again, and so is that of before a write. */
export function proveTheNextKey(situation: Situation): Decision | undefined {
  const { seen, waits, now } = situation;
  const key = nextKey(situation);
  if (key === undefined) return undefined;
  const proved = Date.parse(key.provedAt ?? "");
  const written = Date.parse(seen.readBackAt[key.name] ?? "");
  if (proved >= written && now <= proved + 1000 * waits.evidenceSeconds) return undefined;
  const stays = bringOnProof(situation, key.name);
  if (stays || seen.canary === undefined) return stays;
  const evidence: Evidence = { ...proof(seen.canary), publishedAt: seen.readBackAt[key.name] };
  return advance(
    situation,
    { kind: "verify", key: key.name, evidence },
    `the edge accepts ${key.name} and refuses a key it was never given`,
  );
}

/** Undefined where the canary accepts the key now; else the look that is needed, or why it is no proof. */
export function bringOnProof({ ring, seen }: Situation, name: string): Decision | undefined {
  if (seen.canary === undefined) return look("canary", name, `is ${name} accepted where tokens are checked?`);
  return judgeCanary(ring, name, seen.canary, seen.unfinished?.move.kind === "promote");
}

function nextKey({ ring }: Situation): KeyRecord | undefined {
  return ring.keys.find((key) => key.state === "PUBLISHED" || key.state === "VERIFIED");
}

/** A canary means something only if the same round accepts what it must and refuses what it must (I4). */
function judgeCanary(
  ring: RingLedger,
  name: string,
  canary: CanaryAnswer,
  maySign: boolean,
): Decision | undefined {
  const lacksActive = activeKey(ring) !== undefined && canary.active !== "accepted";
  if (canary.key === "none" || canary.unknown === "none" || lacksActive) {
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
    const isOnly = publishedKeys(ring).every((other) => other.name === name);
    const wayOut =
      isOnly || maySign
        ? `\`keyturn revoke ${ring.ring} --key ${name} --yes\` puts another one in its place`
        : `\`keyturn abort ${ring.ring}\` gives it up`;
    return stop(
      "CANARY_REFUSED",
      `${name} of ring ${ring.ring} is refused at ${canary.pops.join(", ")} although W has passed: its secret may be another than the ledger's. \`keyturn rotate ${ring.ring} --restore\` writes the ledger's; ${wayOut}`,
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
