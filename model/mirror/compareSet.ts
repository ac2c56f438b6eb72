import { canonicalJson } from "../ring/canonicalJson.ts";
import type { AdoptedKey, KeyRecord, RingLedger } from "../ring/ledger.ts";
import { isWaiting } from "../ring/next.ts";
import { isLive, isPublishing } from "../ring/states.ts";

export interface Difference {
  /** Keys that the ring does not have. */
  readonly fresh: readonly AdoptedKey[];
  readonly notices: readonly string[];
  /** Why nothing is taken. */
  readonly reasons: readonly string[];
}

/**
 * A converted set against what the ledger has of it. A kid means the same key for ever; one that an operator took away
 * does not come back; one that left the set stays until somebody takes it away, since its tokens may still be in use.
 *
 * @param ring undefined where nothing was fetched yet
 */
export function compareSet(ring: RingLedger | undefined, keys: readonly AdoptedKey[]): Difference {
  // Keys that wait for their ring's first deploy were nowhere yet: the set takes their place as a whole.
  if (ring === undefined || isWaiting(ring)) {
    const same = ring !== undefined && canonicalJson(ring.keys.map(adoptedOf)) === canonicalJson(keys);
    return { fresh: same ? [] : keys, notices: [], reasons: [] };
  }
  const known = new Map(ring.keys.map((key) => [key.kid, key]));
  const reasons = keys.flatMap((key) => {
    const before = known.get(key.kid);
    return before === undefined || canonicalJson(adoptedOf(before)) === canonicalJson(key)
      ? []
      : [`the kid ${key.kid} is ${before.name} of ring ${ring.ring}, and now stands at another key`];
  });
  const back = keys.filter(({ kid }) => !isLive(known.get(kid)?.state ?? "ACTIVE"));
  const gone = ring.keys.filter(
    ({ state, kid }) => isPublishing(state) && !keys.some((key) => key.kid === kid),
  );
  return {
    fresh: reasons.length > 0 ? [] : keys.filter(({ kid }) => !known.has(kid)),
    notices: [
      ...back.map(({ kid }) => `key ${kid} is in the set and was revoked here: it stays away`),
      ...gone.map(
        ({ name, kid }) =>
          `${name} (${kid}) is no longer in the set: it stays, since its tokens may be in use; \`keyturn revoke ${ring.ring} --key ${name} --yes\` takes it away`,
      ),
    ],
    reasons,
  };
}

function adoptedOf({ kid, algorithm, size, jwk }: KeyRecord): object {
  return { kid, algorithm, size, jwk };
}
