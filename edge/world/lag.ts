import type { PointOfPresence } from "./types.ts";

/** How long a change takes to reach a point of presence, in milliseconds. */
export type Lag = PointOfPresence["lag"];

/** Always `ms`. */
export function constantLag(ms: number): Lag {
  return () => ms;
}

/** Between `fromMs` and `toMs`, each instant equally likely. */
export function uniformLag(fromMs: number, toMs: number): Lag {
  if (!(fromMs >= 0 && toMs >= fromMs)) throw new RangeError(`a lag range needs 0 <= ${fromMs} <= ${toMs}`);
  return (_part, random) => fromMs + (toMs - fromMs) * random();
}

/**
 * Mostly close to `minMs`, rarely very late: a Pareto distribution with exponent `alpha`, cut at `maxMs`.
 * With the default exponent one change in a hundred takes more than 21 times `minMs`.
 */
export function longTailLag(minMs: number, maxMs: number, alpha = 1.5): Lag {
  if (!(minMs > 0 && maxMs >= minMs && alpha > 0)) {
    throw new RangeError(`a long tail needs 0 < ${minMs} <= ${maxMs} and a positive exponent, not ${alpha}`);
  }
  return (_part, random) => Math.min(maxMs, minMs / (1 - random()) ** (1 / alpha));
}
