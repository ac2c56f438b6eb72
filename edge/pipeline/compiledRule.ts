import type { Ruleset, RulesetRule } from "../world/types.ts";
import { type CompiledAction, compileAction } from "./actions.ts";
import { type Condition, compileCondition, type LanguageChoices } from "./expressions.ts";
import { type CompiledRateLimit, compileRateLimit } from "./rateRule.ts";
import type { RuleHit } from "./verdict.ts";

/** A rule of a ruleset, ready to run. */
export interface CompiledRule {
  readonly rule: RulesetRule;
  readonly matches: Condition;
  readonly action: CompiledAction;
  /** Rules of http_ratelimit only. */
  readonly rateLimit: CompiledRateLimit | undefined;
  /** What is reported when it matches. */
  readonly hit: RuleHit;
}

/** Compiles a rule of one scope's ruleset. */
export function compileRule(
  rule: RulesetRule,
  ruleset: Ruleset,
  scope: RuleHit["scope"],
  choices: LanguageChoices,
): CompiledRule {
  return {
    rule,
    matches: compileCondition(rule.expression, choices),
    action: compileAction(rule, choices),
    rateLimit: rule.ratelimit && compileRateLimit(rule, rule.ratelimit, choices),
    hit: hitOf(rule, ruleset, scope),
  };
}

/** How a rule is named in reports. */
export function hitOf(rule: RulesetRule, ruleset: Ruleset, scope: RuleHit["scope"]): RuleHit {
  return {
    phase: ruleset.phase,
    action: rule.action,
    scope,
    rulesetId: ruleset.id,
    ruleId: rule.id,
    ref: rule.ref,
    ...(rule.description === undefined ? {} : { description: rule.description }),
  };
}
