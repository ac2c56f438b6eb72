import { type Names, namesIn } from "../../language/ast.ts";
import { parse } from "../../language/parser.ts";
import { ExpressionError } from "../../language/problems.ts";
import type { RateLimitSpec, RulesetRule } from "../../world/types.ts";
import { type Problem, problem } from "../errors.ts";
import { expressionProblems } from "../expressions.ts";
import { challengeActions } from "./phases.ts";
import type { RulePlace } from "./target.ts";

/** Counters are kept per data centre, and the API wants that said. */
const mandatory = "cf.colo.id";

/**
 * Seconds of `period` and `mitigation_timeout`. Source: developers.cloudflare.com: rate limiting rules,
 * parameters (asOf 2026-11). Another page lists 21 values: the shorter lists are
 * valid under both.
 */
const periods: readonly number[] = [10, 60, 120, 300, 600, 3600];
const timeouts: readonly number[] = [0, 10, 60, 120, 300, 600, 3600, 86_400];

/** What is wrong with the rate limit of a rule: required in its phase, forbidden elsewhere. */
export function rateLimitProblems(place: RulePlace, rule: RulesetRule): readonly Problem[] {
  const pointer = `${place.pointer}/ratelimit`;
  const { ratelimit } = rule;
  const isRateLimit = place.phase === "http_ratelimit" && rule.action !== "execute";
  if (ratelimit === undefined) {
    return isRateLimit ? [problem("missingMember", { member: "ratelimit" }, pointer)] : [];
  }
  if (!isRateLimit) {
    const why = "only rules of the phase http_ratelimit have one";
    return [problem("invalidValue", { value: "ratelimit", member: "ratelimit", why }, pointer)];
  }
  return [
    ...characteristicProblems(place, ratelimit, pointer),
    ...timeProblems(place, rule.action, ratelimit, pointer),
    ...countingProblems(place, ratelimit, pointer),
    ...listProblems(rule.expression, ratelimit, pointer),
  ];
}

function invalid(value: string | number, member: string, why: string, pointer: string): Problem {
  return problem("invalidValue", { value, member, why }, pointer);
}

function characteristicProblems(place: RulePlace, spec: RateLimitSpec, base: string): readonly Problem[] {
  const { characteristics } = spec;
  const pointer = `${base}/characteristics`;
  const problems: Problem[] = [];
  if (!characteristics.includes(mandatory)) {
    problems.push(problem("missingMember", { member: `characteristic ${mandatory}` }, pointer));
  }
  if (characteristics.includes("ip.src") && characteristics.includes("cf.unique_visitor_id")) {
    const why = "it excludes ip.src";
    problems.push(invalid("cf.unique_visitor_id", "characteristics", why, pointer));
  }
  characteristics.forEach((each, index) => {
    const here = `${pointer}/${index}`;
    const indexed = /^(http\.request\.(?:headers|cookies|uri\.args|body\.form)\["[^"]*"\])\[0\]$/.exec(each);
    if (indexed !== null) {
      const why = `a map is named without index: ${indexed[1]}`;
      problems.push(invalid(each, "characteristics", why, here));
      return;
    }
    const header = /^http\.request\.headers\["([^"]*)"\]$/.exec(each)?.[1];
    if (header !== undefined && header !== header.toLowerCase()) {
      problems.push(invalid(each, "characteristics", "header names are lower case", here));
    }
    problems.push(
      ...expressionProblems(each, {
        phase: place.phase,
        use: "characteristic",
        subject: place.call.subject,
        language: place.call.language,
        lists: [],
        pointer: here,
      }),
    );
  });
  return problems;
}

function timeProblems(
  { call }: RulePlace,
  action: string,
  spec: RateLimitSpec,
  base: string,
): readonly Problem[] {
  const { period, mitigation_timeout: timeout = 0 } = spec;
  const { plan } = call.subject;
  const problems: Problem[] = [];
  const allowedPeriods = periods;
  const longestPeriod = call.limit("rateLimitPeriod");
  if (!allowedPeriods.includes(period) || period === 0) {
    const why = `it must be one of ${allowedPeriods.filter((each) => each > 0).join(", ")}`;
    problems.push(invalid(period, "period", why, `${base}/period`));
  } else if (period > longestPeriod) {
    const why = `the ${plan} plan allows at most ${longestPeriod} seconds`;
    problems.push(invalid(period, "period", why, `${base}/period`));
  }
  const allowedTimeouts = timeouts;
  const longestTimeout = call.limit("rateLimitTimeout");
  const here = `${base}/mitigation_timeout`;
  if (timeout > longestTimeout) {
    const why = `the ${plan} plan allows at most ${longestTimeout} seconds`;
    problems.push(invalid(timeout, "mitigation_timeout", why, here));
  } else if (plan !== "enterprise" && !allowedTimeouts.includes(timeout)) {
    const why = `it must be one of ${allowedTimeouts.join(", ")}`;
    problems.push(invalid(timeout, "mitigation_timeout", why, here));
  } else if (plan !== "enterprise" && challengeActions.includes(action) && timeout !== 0) {
    const why = `below Enterprise the action ${action} takes 0 only`;
    problems.push(invalid(timeout, "mitigation_timeout", why, here));
  } else if (plan !== "enterprise" && action === "block" && timeout === 0) {
    const why = "below Enterprise the action block cannot throttle";
    problems.push(invalid(timeout, "mitigation_timeout", why, here));
  }
  return problems;
}

/** Either requests are counted or a score of the origin's is; counting expressions need Business. */
function countingProblems(place: RulePlace, spec: RateLimitSpec, base: string): readonly Problem[] {
  const { plan, addOns } = place.call.subject;
  const problems: Problem[] = [];
  const hasScore = spec.score_per_period !== undefined || spec.score_response_header_name !== undefined;
  if (hasScore && !addOns.includes("advanced_rate_limiting")) {
    problems.push(
      problem("planTooLow", { what: "a score (Advanced Rate Limiting)", plan }, `${base}/score_per_period`),
    );
  }
  const counting = spec.requests_per_period === undefined;
  if (counting && (spec.score_per_period === undefined || spec.score_response_header_name === undefined)) {
    problems.push(problem("missingMember", { member: "requests_per_period" }, `${base}/requests_per_period`));
  }
  const expression = spec.counting_expression ?? "";
  if (expression === "") return problems;
  const pointer = `${base}/counting_expression`;
  if (plan === "free" || plan === "pro") {
    problems.push(problem("planTooLow", { what: "a counting expression", plan }, pointer));
  }
  problems.push(
    ...expressionProblems(expression, {
      phase: place.phase,
      use: "counting",
      subject: place.call.subject,
      language: place.call.language,
      lists: place.call.world.account(place.call.accountId).lists,
      pointer,
    }),
  );
  return problems;
}

/** Custom lists want `requests_to_origin` false and no field of the response (same source). */
function listProblems(expression: string, spec: RateLimitSpec, base: string): readonly Problem[] {
  const counting = namesOf(spec.counting_expression ?? "");
  if (counting.lists.size + namesOf(expression).lists.size === 0) return [];
  const readsAnswer = [...counting.fields].some((name) => name.startsWith("http.response."));
  const why = "a rule with a custom list";
  return [
    ...(spec.requests_to_origin === true
      ? [invalid("true", "requests_to_origin", `${why} counts all requests`, `${base}/requests_to_origin`)]
      : []),
    ...(readsAnswer
      ? [
          invalid(
            "http.response",
            "counting_expression",
            `${why} cannot read the response`,
            `${base}/counting_expression`,
          ),
        ]
      : []),
  ];
}

/** Names in an expression; none where it does not parse, which is reported elsewhere. */
function namesOf(expression: string): Names {
  try {
    return namesIn(parse(expression));
  } catch (error) {
    if (error instanceof ExpressionError) return { fields: new Set(), lists: new Set() };
    throw error;
  }
}
