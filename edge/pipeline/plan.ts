import type { Choices } from "../choices.ts";
import { ExpressionError } from "../language/problems.ts";
import type { AccountParts, Operation, Ruleset, RulesetRule, TokenRule, ZoneParts } from "../world/types.ts";
import { type CompiledRule, compileRule, hitOf } from "./compiledRule.ts";
import type { LanguageChoices } from "./expressions.ts";
import { compileOperations, type OperationMatcher } from "./operations.ts";
import type { CompiledRateLimit } from "./rateRule.ts";
import { type CompiledTokenRule, compileTokenRule, tokenRuleHit } from "./tokenRules.ts";
import type { RuleHit } from "./verdict.ts";

/** A ruleset with its enabled rules compiled. */
export interface CompiledRuleset {
  readonly ruleset: Ruleset;
  readonly rules: readonly CompiledRule[];
}

/** The entry points of one phase: the account's runs before the zone's. */
export interface PhasePlan {
  readonly account: CompiledRuleset | undefined;
  readonly zone: CompiledRuleset | undefined;
}

/** What one point of presence does for one zone, compiled. */
export interface Plan {
  readonly zone: ZoneParts;
  readonly account: AccountParts;
  /** Undefined where no rule runs in the phase. */
  phase(name: string): PhasePlan | undefined;
  /** A ruleset that `execute` may name. */
  custom(id: string): CompiledRuleset | undefined;
  /** When else than on arrival some rate limiting rule counts. */
  readonly countsAt: ReadonlySet<CompiledRateLimit["countsAt"]>;
  readonly operations: OperationMatcher;
  /** Enabled token validation rules, the highest precedence first. */
  readonly tokenRules: readonly CompiledTokenRule[];
  /** Enabled rules that are left out since they do not compile: the choice `uncompilableRule`. */
  readonly invalid: readonly RuleHit[];
}

/** Compiles what changed and remembers the rest; the same parts give the same plan. */
export interface Planner {
  planFor(zone: ZoneParts, account: AccountParts): Plan;
}

/**
 * Everything compiled is remembered by the object it was compiled from, since parts are replaced and never mutated.
 */
export function createPlanner(choices: Choices, language: LanguageChoices): Planner {
  const plans = new WeakMap<ZoneParts, Plan>();
  const rules = new WeakMap<RulesetRule, CompiledRule>();
  const tokenRules = new WeakMap<TokenRule, CompiledTokenRule>();
  const operations = new WeakMap<readonly Operation[], OperationMatcher>();

  function build(zone: ZoneParts, account: AccountParts): Plan {
    const invalid: RuleHit[] = [];
    /** What compiles; what does not is noted and left out. */
    const orNoted = <T>(hit: RuleHit, compiled: () => T): readonly T[] => {
      try {
        return [compiled()];
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        invalid.push(hit);
        return [];
      }
    };
    const compile = (ruleset: Ruleset): CompiledRuleset => {
      const scope = account.rulesets.includes(ruleset) ? "account" : "zone";
      const enabled = ruleset.rules.filter((rule) => rule.enabled);
      return {
        ruleset,
        rules: enabled.flatMap((rule) =>
          orNoted(hitOf(rule, ruleset, scope), () =>
            remembered(rules, rule, () => compileRule(rule, ruleset, scope, language)),
          ),
        ),
      };
    };
    const compiled = new Map(
      [...zone.rulesets, ...account.rulesets].map((ruleset) => [ruleset.id, compile(ruleset)]),
    );
    const phases = new Map<string, PhasePlan>();
    for (const { ruleset } of compiled.values()) {
      const entry = ruleset.kind === "root" ? "account" : ruleset.kind === "zone" ? "zone" : undefined;
      if (entry === undefined) continue;
      const other = phases.get(ruleset.phase) ?? { account: undefined, zone: undefined };
      phases.set(ruleset.phase, { ...other, [entry]: compiled.get(ruleset.id) });
    }
    const ordered = choices.tokenRulePrecedence === "first" ? zone.tokenRules : zone.tokenRules.toReversed();
    return {
      zone,
      account,
      phase: (name) => phases.get(name),
      countsAt: new Set(
        [...compiled.values()].flatMap((each) =>
          each.rules.flatMap((rule) => rule.rateLimit?.countsAt ?? []),
        ),
      ),
      custom: (id) => compiled.get(id),
      operations: remembered(operations, zone.operations, () => compileOperations(zone.operations, choices)),
      tokenRules: ordered
        .filter((rule) => rule.enabled)
        .flatMap((rule) =>
          orNoted(tokenRuleHit(rule), () =>
            remembered(tokenRules, rule, () => compileTokenRule(rule, choices, language)),
          ),
        ),
      invalid,
    };
  }

  return {
    planFor(zone, account) {
      let plan = plans.get(zone);
      if (plan === undefined || plan.account !== account) {
        plan = build(zone, account);
        plans.set(zone, plan);
      }
      return plan;
    },
  };
}

function remembered<K extends object, V>(cache: WeakMap<K, V>, key: K, compute: () => V): V {
  let value = cache.get(key);
  if (value === undefined) {
    value = compute();
    cache.set(key, value);
  }
  return value;
}
