import type { Choices } from "../choices.ts";
import { TOKEN_RULES_PHASE } from "../language/phases.ts";
import type { RequestFields } from "../language/request.ts";
import { compileSelector } from "../world/selector.ts";
import type { Operation, TokenRule } from "../world/types.ts";
import { type Condition, compileCondition, type LanguageChoices } from "./expressions.ts";
import type { OperationMatcher } from "./operations.ts";
import type { RuleHit } from "./verdict.ts";

/** A token validation rule, ready to run. */
export interface CompiledTokenRule {
  readonly rule: TokenRule;
  readonly satisfied: Condition;
  readonly hit: RuleHit;
  /** `host` is the one that the request names. */
  covers(operation: Operation, host: string): boolean;
}

/** A host that no request can name. */
const EVERYWHERE = "*";

export function compileTokenRule(
  rule: TokenRule,
  choices: Choices,
  language: LanguageChoices,
): CompiledTokenRule {
  const everywhere = choices.emptySelector === "everything" && rule.selector.include == null;
  const stateOf = compileSelector(
    everywhere ? { ...rule.selector, include: [{ host: [EVERYWHERE] }] } : rule.selector,
  );
  const also = everywhere ? [EVERYWHERE] : [];
  return {
    rule,
    satisfied: compileCondition(rule.expression, language),
    hit: tokenRuleHit(rule),
    covers: ({ host, operation_id }, requested) =>
      stateOf(
        operation_id,
        host,
        ...also,
        ...(choices.selectorHostVariable === "requestHost" ? [requested] : []),
      ) === "included",
  };
}

/** How a token validation rule is named in reports. */
export function tokenRuleHit(rule: TokenRule): RuleHit {
  return {
    phase: TOKEN_RULES_PHASE,
    action: rule.action,
    scope: "zone",
    ruleId: rule.id,
    description: rule.title,
  };
}

/**
 * The rule whose action fires: the request belongs to a saved operation, the rule has the highest precedence of those
 * that cover it (only one applies), and its expression is FALSE.
 * Source: developers.cloudflare.com/api-shield/security/jwt-validation (asOf 2026-11).
 */
export function firedTokenRule(
  rules: readonly CompiledTokenRule[],
  operations: OperationMatcher,
  fields: RequestFields,
): CompiledTokenRule | undefined {
  if (rules.length === 0) return undefined;
  const operation = operations.find(fields.method, fields.host, fields.path);
  if (operation === undefined) return undefined;
  const rule = rules.find((candidate) => candidate.covers(operation, fields.host));
  return rule === undefined || rule.satisfied(fields) ? undefined : rule;
}
