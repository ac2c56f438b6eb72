import type { Ruleset, RulesetRule } from "../../world/types.ts";
import { type Problem, problem, problemsOfEach } from "../errors.ts";
import { expressionProblems } from "../expressions.ts";
import type { ScopedCall } from "../route.ts";
import { actionProblems } from "./actionParameters.ts";
import { rulesetPhase } from "./phases.ts";
import { rateLimitProblems } from "./rateLimit.ts";
import type { RulePlace } from "./target.ts";

/** What is wrong with a ruleset as it would be stored, each problem with its pointer; counts before details. */
export function rulesetProblems(call: ScopedCall, ruleset: Omit<Ruleset, "version">): readonly Problem[] {
  const counts = countProblems(call, ruleset);
  if (counts.length > 0) return counts;
  return problemsOfEach(ruleset.rules, (rule, index) =>
    ruleProblems({ call, phase: ruleset.phase, pointer: `/rules/${index}` }, rule),
  );
}

function ruleProblems(place: RulePlace, rule: RulesetRule): readonly Problem[] {
  const { call, phase, pointer } = place;
  const { action } = rule;
  const actions = rulesetPhase(phase)?.actions ?? [];
  const problems: Problem[] = [];
  if (!actions.includes(action)) {
    const why = `the phase ${phase} takes ${actions.join(", ")}`;
    problems.push(problem("invalidValue", { value: action, member: "action", why }, `${pointer}/action`));
  } else if (action === "log" && call.subject.plan !== "enterprise") {
    const plan = call.subject.plan;
    problems.push(problem("planTooLow", { what: "the action log", plan }, `${pointer}/action`));
  }
  problems.push(
    ...expressionProblems(rule.expression, {
      phase,
      use: "filter",
      subject: call.subject,
      language: call.language,
      lists: call.world.account(call.accountId).lists,
      pointer: `${pointer}/expression`,
    }),
    ...actionProblems(place, rule),
    ...rateLimitProblems(place, rule),
  );
  return problems;
}

const countedPhases = [
  { phase: "http_request_firewall_custom", limit: "customRules" },
  { phase: "http_ratelimit", limit: "rateLimitRules" },
] as const;

/** Plans limit the rules of a zone: entry point and custom rulesets of the phase together. */
function countProblems(call: ScopedCall, ruleset: Omit<Ruleset, "version">): readonly Problem[] {
  const counted = countedPhases.find((each) => each.phase === ruleset.phase);
  if (call.scope !== "zone") return [];
  const others = call.parts.rulesets.filter((each) => each.id !== ruleset.id);
  const problems: Problem[] = [];
  if (counted !== undefined) {
    const same = others.filter((each) => each.phase === ruleset.phase);
    const count = same.reduce((sum, each) => sum + each.rules.length, ruleset.rules.length);
    const limit = call.limit(counted.limit);
    const what = `rules in the phase ${ruleset.phase}`;
    if (count > limit) problems.push(problem("tooMany", { what, count, limit }, "/rules"));
  }
  if (ruleset.kind === "custom") {
    const count = others.filter((each) => each.kind === "custom").length + 1;
    const limit = call.limit("zoneCustomRulesets");
    if (count > limit) problems.push(problem("tooMany", { what: "custom rulesets", count, limit }, "/kind"));
  }
  return problems;
}
