import type { JWK } from "jose";
import type { RingSigners, SignerJwk } from "../../../scripts/token/signers.ts";

/** A ring's keys: the one to sign with alone, or with those that are on their way in or out. */
export type RingKeys = SignerJwk | RingSigners;

/** Answers the keys of every ring, private parts included. Asked for each token, so it should cache. */
export type KeySource = () => Promise<Readonly<Record<string, RingKeys>>>;

/** The key of a ring that signs now; none while the ring's first key is not proved yet. */
export function activeKey(keys: RingKeys): JWK | undefined {
  return isJwk(keys) ? keys : keys.active;
}

/** All keys of a ring that verifiers may meet: active, pending, retiring. */
export function allKeys(keys: RingKeys): readonly JWK[] {
  if (isJwk(keys)) return [keys];
  const { active, pending, retiring = [] } = keys;
  return [active, pending, ...retiring].filter((key) => key !== undefined);
}

function isJwk(keys: RingKeys): keys is SignerJwk {
  return "kty" in keys;
}

/** How long keys are kept. Both together stay far below the ring's `signerLag` (15 minutes by default). */
export interface CacheTimes {
  /** Seconds after which the source is asked again. */
  readonly freshSeconds: number;
  /** Seconds for which old keys still sign while the source fails; then nothing is signed any more. */
  readonly staleSeconds: number;
}

/**
 * Keeps the answer of a slow source. A signer that keeps an old key for too long is what rotation has to wait
 * for, so a failing source ends in an error rather than in tokens that will be refused. Concurrent calls share
 * one read.
 */
export function cachedKeySource(
  source: KeySource,
  clock: () => Date,
  { freshSeconds, staleSeconds }: CacheTimes = { freshSeconds: 30, staleSeconds: 300 },
): KeySource {
  let kept: { readonly keys: Awaited<ReturnType<KeySource>>; readonly readAt: number } | undefined;
  let reading: ReturnType<KeySource> | undefined;
  const read = async () => {
    // Stamped before the read: what it answers may be as old as its beginning.
    const readAt = clock().getTime();
    const keys = await source();
    kept = { keys, readAt };
    return keys;
  };
  const age = () => (kept ? (clock().getTime() - kept.readAt) / 1000 : Number.POSITIVE_INFINITY);
  return async () => {
    if (kept && age() < freshSeconds) return kept.keys;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    try {
      return await reading;
    } catch (error) {
      if (kept && age() < staleSeconds) return kept.keys;
      throw error;
    }
  };
}
