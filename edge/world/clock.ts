import type { Clock } from "./types.ts";

/** A clock that only moves when told to. Times are milliseconds since the Unix epoch. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #monotone: boolean;

  /** `monotone: false` allows `set` to go back, as a machine with a corrected clock does. */
  constructor(startMs: number, options: { readonly monotone?: boolean } = {}) {
    this.#now = requireInstant(startMs);
    this.#monotone = options.monotone ?? true;
  }

  now(): number {
    return this.#now;
  }

  /** Moves forward by `ms` ≥ 0 milliseconds and answers the new instant. */
  advance(ms: number): number {
    if (!(ms >= 0)) throw new RangeError(`the clock can advance by 0 ms or more, not by ${ms}`);
    this.#now = requireInstant(this.#now + ms);
    return this.#now;
  }

  /** Jumps to `ms` since the epoch; a monotone clock refuses to go back. */
  set(ms: number): void {
    if (this.#monotone && ms < this.#now) {
      throw new RangeError(`this clock is monotone: it is at ${this.#now} and cannot go back to ${ms}`);
    }
    this.#now = requireInstant(ms);
  }
}

function requireInstant(ms: number): number {
  if (!Number.isFinite(ms)) throw new RangeError(`an instant is a finite number of milliseconds, not ${ms}`);
  return ms;
}
