import { limitOf } from "../facts/limits.ts";
import { overTime, type Timed } from "../policy/overTime.ts";
import type { HostPolicy, Stretch } from "../policy/types.ts";
import { ambiguities } from "./ambiguity.ts";
import { comesIn, duringName } from "./during.ts";
import { all, any } from "./expressions.ts";
import { hostIs, otherSpelling } from "./hostScope.ts";
import { makeRule } from "./makeRule.ts";
import { pack } from "./pack.ts";
import { replyFor } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import type { ZoneInput } from "./zoneInput.ts";

/**
 * The rule that refuses ambiguous requests to a host, or as many as they take: without regular expressions one has
 * no room for a long name of a host. It acts as hard as the hardest guard of the host: a trick
 * must not get around any of them, and while none refuses there is nothing to get around.
 */
export function ambiguousRules(input: ZoneInput, stretches: readonly Stretch[]): DesiredRule[] {
  return overTime(
    stretches,
    ({ policy }) => [policy],
    ({ ambiguous, accepts }) => JSON.stringify([ambiguous, accepts]),
  ).flatMap((policy) => ambiguousRulesIn(input, policy));
}

function ambiguousRulesIn(input: ZoneInput, { during, ...policy }: Timed<HostPolicy>): DesiredRule[] {
  const { host, ambiguous } = policy;
  const conditions = ambiguities(policy);
  const expressionOf = (some: readonly string[], ...more: string[]) =>
    all(
      comesIn(during),
      any([all(hostIs(host), any(conditions.filter((each) => some.includes(each)))), ...more]),
    );
  const spelling = otherSpelling(host);
  const limit = limitOf(host.zone, "expressionLength");
  const buckets = pack(
    conditions,
    (condition) => condition,
    (some) => expressionOf(some, spelling).length <= limit,
  );
  return buckets.flatMap(({ prefix, items }, index) => {
    const expression = index === 0 ? expressionOf(items, spelling) : expressionOf(items);
    return makeRule(input, {
      name: `${host.host}/ambiguous${duringName(during)}${prefix === "" ? "" : `/${prefix}`}`,
      mode: ambiguous,
      reply: replyFor(host, undefined, "ambiguous"),
      description: `${host.host}: requests that can be read in more than one way`,
      expression,
      branches: [{ ruleId: "ambiguous", expression }],
      at: host.at,
    });
  });
}
