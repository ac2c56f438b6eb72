import type { Branch, DesiredRule, DesiredState } from "./types.ts";

/**
 * Which definitions made a packed rule act.
 *
 * @param ref the `ref` that Cloudflare reports for the request
 * @param holds evaluates one expression (with placeholders) for that request
 * @returns the ids of all branches that hold and decide, or none when the `ref` is not ours
 */
export function decidedBy(
  desired: DesiredState,
  ref: string,
  holds: (expression: string) => boolean,
): string[] {
  const rules = desired.zones.flatMap((zone) => Object.values(zone.rules).flat());
  const rule = rules.find((each) => each.ref === ref);
  if (rule === undefined) return [];
  const holding = rule.branches.filter(({ expression }) => holds(expression));
  return [...new Set(holding.flatMap((branch) => deciding(branch, rule, rules, holds)))];
}

/** A branch, or the more specific rules in its place, which may be packed elsewhere and answer the same. */
function deciding(
  branch: Branch,
  rule: DesiredRule,
  rules: readonly DesiredRule[],
  holds: (expression: string) => boolean,
): string[] {
  const { yieldsTo = [] } = branch;
  if (yieldsTo.length === 0) return [branch.ruleId];
  const alike = rules.filter((each) => answerOf(each) === answerOf(rule));
  const inPlace = alike
    .flatMap(({ branches }) => branches)
    .filter(({ endpoint = "", expression }) => yieldsTo.includes(endpoint) && holds(expression));
  if (inPlace.length === 0) return [branch.ruleId];
  return inPlace.flatMap((each) => deciding(each, rule, rules, holds));
}

function answerOf({ action, action_parameters }: DesiredRule): string {
  return JSON.stringify([action, action_parameters]);
}
