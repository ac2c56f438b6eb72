import type { JwtRing } from "../definition/types.ts";
import { overTime } from "../policy/overTime.ts";
import { comesIn, decisionKey, duringName } from "./during.ts";
import { all, characteristic } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { guards } from "./matches.ts";
import { apart, replyFor, replyName } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { namesOf, onHosts, refId, tokenGuard, withoutExceptions, type ZoneInput } from "./zoneInput.ts";

/**
 * Rules of the rate limiting phase, by id. A limit counts all that its rule matches, whichever rule decides, in one
 * counter for all paths and for all hosts of the zone; one per claim counts only requests whose token is valid.
 */
export function rateLimitRules(input: ZoneInput): DesiredRule[] {
  const limits = input.policies.flatMap((stretches) =>
    overTime(
      stretches,
      ({ policy: { host, limits: own } }) => own.map((limit) => ({ host, ...limit })),
      decisionKey,
    ),
  );
  return [...Map.groupBy(limits, ({ rule }) => rule)]
    .sort(([a], [b]) => (refId(a) < refId(b) ? -1 : 1))
    .flatMap(([rule, own]) => apart(own, "limit").map((some) => [rule, some] as const))
    .flatMap(([rule, some]) => {
      const { rateLimit } = rule;
      const [first] = some;
      if (rateLimit === undefined) return [];
      const { mode, during } = first;
      const reply = replyFor(first.host, rule, "limit");
      const { per } = rateLimit;
      const ring = per.kind === "claim" ? (input.rings.get(per.ring) as JwtRing) : undefined;
      const expression = all(
        onHosts(some, ({ host, matches }) =>
          all(
            withoutExceptions(host, host.preflight && input.zone.plan === "enterprise"),
            guards(matches),
            ring === undefined ? undefined : tokenGuard(input, host, ring),
          ),
        ),
        comesIn(during),
        // All requests without the claim would share one counter, which one client could use up for the others.
        per.kind === "claim" ? `len(${characteristic(per)}) > 0` : undefined,
      );
      // Below Enterprise a challenge must come without a mitigation time: a passed challenge resets the counter.
      const mitigation = mode === "challenge" && input.zone.plan !== "enterprise" ? 0 : rateLimit.mitigation;
      return makeRule(input, {
        name: `rate/${refId(rule)}${replyName(reply, "limit")}${duringName(during)}`,
        mode,
        reply,
        description: `${namesOf(some)} rate limit: ${rule.id}`,
        expression,
        branches: [{ ruleId: rule.id, expression }],
        ratelimit: {
          characteristics: ["cf.colo.id", characteristic(per)],
          period: rateLimit.every,
          requests_per_period: rateLimit.requests,
          mitigation_timeout: mitigation,
        },
        at: rule.at.rateLimit,
      });
    });
}
