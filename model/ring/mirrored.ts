/** Rings whose keys somebody else makes: when they count as known, and what is never decided about them here. */
import { isLeadOver } from "./bringOn.ts";
import { advance, type Deciding, type Decision, instant, type Situation, stop, wait } from "./decision.ts";
import { type AdoptedKey, ledgerDigest } from "./ledger.ts";
import { nextName, publishedKeys } from "./realize.ts";

/**
 * Adopted keys count once every zone has read them back and W has passed. No canary can prove them, since their private
 * parts are elsewhere: the read-back and W are all the evidence there is, and the ledger keeps both instants.
 */
export function trustWhatIsKnown(situation: Situation): Decision | undefined {
  const { ring, seen, now } = situation;
  const pending = publishedKeys(ring).filter((key) => key.state === "PUBLISHED");
  const [first] = pending;
  if (first === undefined) return undefined;
  for (const key of pending) {
    const early = isLeadOver(situation, key.name);
    if (early) return early;
  }
  const readBack = pending.map((key) => seen.readBackAt[key.name] ?? "").sort();
  return advance(
    situation,
    {
      kind: "trust",
      key: first.name,
      evidence: { publishedAt: readBack.at(-1), observedAt: instant(now) },
    },
    `${pending.map(({ name }) => name).join(", ")}: read back and known to every point of presence since; without a private key no canary can say more`,
  );
}

/** What else there is to do for a mirrored ring is its provider's. */
export function waitForTheProvider({ ring, waits, now }: Situation): Decision | undefined {
  return wait(
    now + 1000 * waits.everySeconds,
    `whoever makes the keys of ${ring.ring} turns them; \`keyturn jwks fetch ${ring.ring}\` takes new ones`,
  );
}

/** Moves that need a private key, asked of a ring that has none. */
export function refuseOwnKeysOnly({ ring }: Situation, what: string): Decision | undefined {
  if (ring.kind !== "mirror") return undefined;
  return stop(
    "NOT_OF_A_MIRROR",
    `ring ${ring.ring} takes its keys from somebody else, so there is nothing to ${what}: \`keyturn jwks fetch ${ring.ring}\` takes new keys, \`keyturn revoke ${ring.ring} --key NAME --yes\` takes one away`,
  );
}

/**
 * The advance that takes keys which the ring does not have. The ones that it has stay, whatever the set has become: a
 * key that left it may have signed a token a moment ago.
 *
 * @param ring the ring's ledger; undefined for a ring that no `up` has deployed and nobody fetched for
 */
export function adopt(
  deciding: Omit<Deciding, "ring"> & { readonly ring: Deciding["ring"] | undefined; readonly id: string },
  set: readonly AdoptedKey[],
  firstKeys: boolean,
): Extract<Decision, { step: "advance" }> {
  const { ledger, ring, id, now } = deciding;
  const at = instant(now);
  return {
    step: "advance",
    advance: {
      format: 1,
      stack: ledger.stack,
      ring: id,
      serial: (ring?.serial ?? 0) + 1,
      ledger: ledgerDigest(ring),
      move: {
        kind: "adopt",
        key: firstKeys || ring === undefined ? "k1" : nextName(ring),
        at,
        set: [...set],
        evidence: { observedAt: at },
      },
    },
    reason: `new in the set: ${set.map(({ kid, algorithm }) => `${kid} (${algorithm})`).join(", ")}`,
  };
}
