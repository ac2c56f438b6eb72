import { orderRules } from "../definition/order.ts";
import { overTime } from "../policy/overTime.ts";
import { comesIn, decisionKey, duringName } from "./during.ts";
import { all } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { guards } from "./matches.ts";
import { apart, replyFor, replyName } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { namesOf, onHosts, refId, withoutExceptions, type ZoneInput } from "./zoneInput.ts";

/** Raw expressions, each by itself and in the order that `before` and `after` ask for. */
export function expressionRules(input: ZoneInput): DesiredRule[] {
  const conditions = input.policies.flatMap((stretches) =>
    overTime(
      stretches,
      ({ policy: { host, conditions: own } }) => own.map((decision) => ({ host, ...decision })),
      decisionKey,
    ),
  );
  const { sorted } = orderRules([...new Set(conditions.map(({ rule }) => rule))]);
  return sorted.flatMap((rule) =>
    apart(
      conditions.filter((each) => each.rule === rule),
      "expression",
    ).flatMap((some) => {
      const [first] = some;
      const reply = replyFor(first.host, rule, "expression");
      const scope = onHosts(some, ({ host, matches }) => all(withoutExceptions(host), guards(matches)));
      const expression = all(scope, comesIn(first.during), `(${rule.expression})`);
      return makeRule(input, {
        name: `${refId(rule)}/expression${replyName(reply, "expression")}${duringName(first.during)}`,
        mode: first.mode,
        reply,
        description: `${namesOf(some)} expression: ${rule.id}`,
        expression,
        branches: [{ ruleId: rule.id, expression }],
        at: rule.at.expression,
      });
    }),
  );
}
