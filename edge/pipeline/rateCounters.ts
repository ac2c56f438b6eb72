import type { Choices } from "../choices.ts";

/** The counters of one rule at one point of presence. Keys are combinations of characteristic values. */
export interface RateCounters {
  /** Adds to a counter and answers its value. */
  add(key: string, amount: number, nowMs: number): number;
  /** A counter's value without adding. */
  peek(key: string, nowMs: number): number;
  /** Whether the action applies to all matching requests of this key now. */
  mitigated(key: string, nowMs: number): boolean;
  /** Starts the mitigation and forgets the counter. */
  mitigate(key: string, nowMs: number): void;
  /** Forgets counter and mitigation, as a passed challenge does. */
  reset(key: string): void;
  /** Forgets what has expired. */
  sweep(nowMs: number): void;
  /** Entries held, for bounds on memory. */
  size(): number;
}

export interface RateTimes {
  readonly periodMs: number;
  readonly mitigationMs: number;
}

interface Window {
  /** Start of the window (fixed) or number of the aligned bucket (sliding). */
  start: number;
  count: number;
  /** The count of the bucket before; sliding windows only. */
  previous: number;
}

/** What one rule's counters hold, as plain data. */
export interface CounterState {
  readonly windows: Map<string, Window>;
  /** Until when the action applies to all requests of a key. */
  readonly mitigations: Map<string, number>;
}

/** Nothing counted yet. */
export function emptyCounters(): CounterState {
  return { windows: new Map(), mitigations: new Map() };
}

/**
 * Counters that stay bounded: all entries of one rule live equally long, so the order of insertion is the order of
 * expiry and each insertion can drop what has expired at the head; above `rateMaxCounters` the oldest go.
 */
export function createRateCounters(
  times: RateTimes,
  choices: Choices,
  { windows, mitigations }: CounterState = emptyCounters(),
): RateCounters {
  const { periodMs, mitigationMs } = times;
  const sliding = choices.rateWindow === "sliding";

  /** The live window of a key, moved on to `nowMs`. */
  function current(key: string, nowMs: number): Window | undefined {
    const window = windows.get(key);
    if (window === undefined) return undefined;
    if (!sliding) return nowMs < window.start + periodMs ? window : undefined;
    const bucket = Math.floor(nowMs / periodMs);
    if (window.start === bucket) return window;
    if (window.start !== bucket - 1) return undefined;
    return { start: bucket, count: 0, previous: window.count };
  }

  function value(window: Window | undefined, nowMs: number): number {
    if (window === undefined) return 0;
    if (!sliding) return window.count;
    const elapsed = (nowMs % periodMs) / periodMs;
    return window.count + window.previous * (1 - elapsed);
  }

  function dropExpired(nowMs: number): void {
    const horizon = sliding ? Math.floor(nowMs / periodMs) - 1 : nowMs - periodMs;
    for (const [key, window] of windows) {
      const expired = sliding ? window.start < horizon : window.start <= horizon;
      if (!expired && windows.size < choices.rateMaxCounters) break;
      windows.delete(key);
    }
  }

  return {
    add(key, amount, nowMs) {
      let window = current(key, nowMs);
      if (window === undefined || window !== windows.get(key)) {
        windows.delete(key);
        dropExpired(nowMs);
        window ??= { start: sliding ? Math.floor(nowMs / periodMs) : nowMs, count: 0, previous: 0 };
        windows.set(key, window);
      }
      window.count += amount;
      return value(window, nowMs);
    },
    peek: (key, nowMs) => value(current(key, nowMs), nowMs),
    mitigated(key, nowMs) {
      const until = mitigations.get(key);
      if (until === undefined) return false;
      if (nowMs < until) return true;
      mitigations.delete(key);
      return false;
    },
    mitigate(key, nowMs) {
      windows.delete(key);
      if (mitigationMs === 0) return;
      mitigations.delete(key);
      for (const [old, until] of mitigations) {
        if (until > nowMs && mitigations.size < choices.rateMaxCounters) break;
        mitigations.delete(old);
      }
      mitigations.set(key, nowMs + mitigationMs);
    },
    reset(key) {
      windows.delete(key);
      mitigations.delete(key);
    },
    sweep(nowMs) {
      dropExpired(nowMs);
      for (const [key, until] of mitigations) if (until <= nowMs) mitigations.delete(key);
    },
    size: () => windows.size + mitigations.size,
  };
}
