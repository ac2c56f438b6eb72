import type { Clock } from "../world/types.ts";
import { ApiError, problem } from "./errors.ts";

const windowSeconds = 300;
/** Clients give up on waits of a minute and more (the provider's rule), so such a 429 is called final. */
const patienceSeconds = 60;

/** Counts requests of each token. */
export interface RequestLimit {
  /** Counts one request; throws a 429 once the limit is passed. Answers the headers of every answer. */
  count(key: number): Readonly<Record<string, string>>;
}

/**
 * `limit` requests in five minutes for each token, then 429 for the next five minutes
 * (developers.cloudflare.com: API rate limits).
 */
export function createRequestLimit(clock: Clock, limit: number): RequestLimit {
  const counters = new Map<number, { resetsAt: number; used: number; blocked: boolean }>();
  return {
    count: (key) => {
      const now = clock.now();
      let counter = counters.get(key);
      if (counter === undefined || now >= counter.resetsAt) {
        counter = { resetsAt: now + windowSeconds * 1000, used: 0, blocked: false };
        counters.set(key, counter);
      }
      counter.used += 1;
      if (counter.used > limit && !counter.blocked) {
        counter.blocked = true;
        counter.resetsAt = now + windowSeconds * 1000;
      }
      const seconds = Math.ceil((counter.resetsAt - now) / 1000);
      const headers = {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - counter.used)),
        "x-ratelimit-reset": String(seconds),
      };
      if (!counter.blocked) return headers;
      throw new ApiError([problem("tooManyRequests", { limit, seconds })], {
        ...headers,
        "retry-after": String(seconds),
        "x-should-retry": String(seconds < patienceSeconds),
      });
    },
  };
}
