import type { Choices } from "../choices.ts";
import type { CompiledRule } from "./compiledRule.ts";
import type { RequestContext, SeenResponse } from "./context.ts";
import { RATE_LIMITS_PHASE } from "./phases.ts";
import {
  type CounterState,
  createRateCounters,
  emptyCounters,
  type RateCounters,
  type RateTimes,
} from "./rateCounters.ts";
import type { CompiledRateLimit } from "./rateRule.ts";
import { runPhase } from "./runPhase.ts";

/** The rate limits of all points of presence. */
export interface RateLimits {
  /** Counts the request where it is counted as it comes, and answers whether the rule's action is due. */
  exceeded(rule: CompiledRule, context: RequestContext): boolean;
  /** Counts requests that go to the origin. */
  countAtOrigin(context: RequestContext): void;
  /** Counts by the origin's answer, which `context.fields` must hold. */
  countResponse(context: RequestContext, response: SeenResponse): void;
  reset(rule: CompiledRule, context: RequestContext): void;
  /** Counters held, at all points of presence. */
  size(): number;
}

/** The counters by point of presence and rule, as plain data. */
export type RateState = Map<
  string,
  Map<string, { readonly version: string; readonly times: RateTimes; readonly counted: CounterState }>
>;

/** Counters that go on from `state` and move it on. */
export function createRateLimits(choices: Choices, state: RateState = new Map()): RateLimits {
  const live = new WeakMap<CounterState, RateCounters>();

  function countersOver(counted: CounterState, times: RateTimes): RateCounters {
    const counters = live.get(counted) ?? createRateCounters(times, choices, counted);
    live.set(counted, counters);
    return counters;
  }

  function countersOf(limit: CompiledRateLimit, context: RequestContext): RateCounters {
    const { pop } = context.visitor;
    let place = state.get(pop);
    if (place === undefined) {
      place = new Map();
      state.set(pop, place);
    }
    let entry = place.get(limit.ruleId);
    if (entry === undefined || (choices.rateCounterReset === "onChange" && entry.version !== limit.version)) {
      // A new rule is a rare event: a good one to forget those that are gone.
      for (const [ruleId, { counted, times }] of place) {
        const counters = countersOver(counted, times);
        counters.sweep(context.nowMs);
        if (counters.size() === 0) place.delete(ruleId);
      }
      entry = { version: limit.version, times: limit.times, counted: emptyCounters() };
      place.set(limit.ruleId, entry);
    }
    return countersOver(entry.counted, entry.times);
  }

  /** Runs the phase once more for the rules that count later; no action is due then. */
  function countLater(
    when: CompiledRateLimit["countsAt"],
    context: RequestContext,
    amountFor: (limit: CompiledRateLimit) => number,
  ): void {
    if (!context.plan.countsAt.has(when)) return;
    runPhase<never>(RATE_LIMITS_PHASE, context, choices, {
      applies({ action, matches, rateLimit }) {
        if (action.kind === "execute") return matches(context.fields);
        if (rateLimit?.countsAt === when && (rateLimit.counting ?? matches)(context.fields)) {
          const amount = amountFor(rateLimit);
          if (amount > 0) count(rateLimit, context, amount);
        }
        return false;
      },
      act: () => undefined,
    });
  }

  function count(limit: CompiledRateLimit, context: RequestContext, amount: number): void {
    const counters = countersOf(limit, context);
    const key = limit.key(context.fields);
    if (counters.mitigated(key, context.nowMs)) return;
    const value = counters.add(key, amount, context.nowMs);
    if (limit.countsAt === "response" && value > limit.limit && limit.times.mitigationMs > 0) {
      counters.mitigate(key, context.nowMs);
    }
  }

  return {
    exceeded(rule, context) {
      const limit = rule.rateLimit;
      if (limit === undefined) return false;
      const matches = rule.matches(context.fields);
      const counts = limit.countsAt === "request" && (limit.counting?.(context.fields) ?? matches);
      if (!matches && !counts) return false;
      const counters = countersOf(limit, context);
      const key = limit.key(context.fields);
      const { nowMs } = context;
      if (counters.mitigated(key, nowMs)) return matches;
      const value = counts ? counters.add(key, 1, nowMs) : counters.peek(key, nowMs);
      // What goes to the origin is counted on its way there: this request would be one more.
      const reached = limit.countsAt === "origin" ? value + 1 : value;
      if (!matches || reached <= limit.limit) return false;
      if (limit.times.mitigationMs > 0) counters.mitigate(key, nowMs);
      return true;
    },
    countAtOrigin: (context) => countLater("origin", context, () => 1),
    countResponse: (context, response) =>
      countLater("response", context, ({ scoreHeader }) =>
        scoreHeader === undefined ? 1 : scoreOf(response, scoreHeader),
      ),
    reset(rule, context) {
      if (rule.rateLimit !== undefined) {
        countersOf(rule.rateLimit, context).reset(rule.rateLimit.key(context.fields));
      }
    },
    size() {
      let size = 0;
      for (const place of state.values()) {
        for (const { counted, times } of place.values()) size += countersOver(counted, times).size();
      }
      return size;
    },
  };
}

/** 1 to 1,000,000, else ignored (developers.cloudflare.com/waf/rate-limiting-rules, asOf 2026-11). */
function scoreOf(response: SeenResponse, header: string): number {
  const value = response.headers.find(([name]) => name.toLowerCase() === header)?.[1] ?? "";
  const score = /^\d{1,7}$/.test(value) ? Number(value) : 0;
  return score >= 1 && score <= 1_000_000 ? score : 0;
}
