import { namesIn } from "../language/ast.ts";
import { parse } from "../language/parser.ts";
import type { RequestFields } from "../language/request.ts";
import type { RateLimitSpec, RulesetRule } from "../world/types.ts";
import {
  type Condition,
  compileCondition,
  compileReader,
  type LanguageChoices,
  type Reader,
} from "./expressions.ts";
import type { RateTimes } from "./rateCounters.ts";

/** A rate limit, ready to run. */
export interface CompiledRateLimit {
  /** Names the rule's counters. */
  readonly ruleId: string;
  readonly version: string;
  readonly times: RateTimes;
  /** The action applies when the counter is greater than this: requests, or points of a score. */
  readonly limit: number;
  /** The combination of characteristic values of a request, as a key. */
  readonly key: (fields: RequestFields) => string;
  /** Undefined: the rule's own expression counts. */
  readonly counting: Condition | undefined;
  /** When a request is counted: as it comes, as it goes to the origin, or after the answer. */
  readonly countsAt: "request" | "origin" | "response";
  /** In lower case; the origin's value of this header is added instead of 1. */
  readonly scoreHeader: string | undefined;
}

/** Reads `ratelimit` of a rule (developers.cloudflare.com/waf/rate-limiting-rules/parameters, asOf 2026-11). */
export function compileRateLimit(
  rule: RulesetRule,
  spec: RateLimitSpec,
  choices: LanguageChoices,
): CompiledRateLimit {
  const counting = spec.counting_expression || undefined;
  const byScore = spec.score_per_period !== undefined;
  const readsResponse = byScore || readsAnswer(counting ?? rule.expression);
  return {
    ruleId: rule.id,
    version: rule.version,
    times: { periodMs: spec.period * 1000, mitigationMs: (spec.mitigation_timeout ?? 0) * 1000 },
    limit: spec.score_per_period ?? spec.requests_per_period ?? Number.POSITIVE_INFINITY,
    key: keyOf(
      spec.characteristics.filter((name) => name !== COLO),
      choices,
    ),
    counting: counting === undefined ? undefined : compileCondition(counting, choices),
    countsAt: readsResponse ? "response" : spec.requests_to_origin === true ? "origin" : "request",
    scoreHeader: byScore ? spec.score_response_header_name?.toLowerCase() : undefined,
  };
}

/** Whether an expression can be judged only when the origin has answered. */
function readsAnswer(expression: string): boolean {
  return [...namesIn(parse(expression)).fields].some((name) => name.startsWith("http.response."));
}

/** Counters are kept per point of presence anyway. */
const COLO = "cf.colo.id";
/** The choice `visitorId`: visitors are told apart by address. */
const VISITOR = "cf.unique_visitor_id";

/** Missing values have a key of their own, apart from the empty value; lengths keep `a,b` and `a` `b` apart. */
function keyOf(
  characteristics: readonly string[],
  choices: LanguageChoices,
): (fields: RequestFields) => string {
  const readers = characteristics.map((name): Reader => {
    return compileReader(name === VISITOR ? "ip.src" : name, choices);
  });
  return (fields) => {
    let key = "";
    for (const reader of readers) {
      const value = reader(fields);
      if (value === undefined) key += "-;";
      else {
        const text = typeof value === "object" ? JSON.stringify(value) : String(value);
        key += `${text.length}:${text};`;
      }
    }
    return key;
  };
}
