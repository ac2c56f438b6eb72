import type { Choices } from "../choices.ts";
import type { SkipParameters } from "./actions.ts";
import type { CompiledRule } from "./compiledRule.ts";
import { type RequestContext, skipsOf } from "./context.ts";
import { RATE_LIMITS_PHASE } from "./phases.ts";
import type { CompiledRuleset } from "./plan.ts";

/** What a phase does at a rule; `skip` and `execute` are dealt with here. */
export interface Visit<End> {
  /** Whether the rule's action is due. */
  applies(rule: CompiledRule, context: RequestContext): boolean;
  /** Carries the action out; an answer ends the request. */
  act(rule: CompiledRule, context: RequestContext): End | undefined;
}

/** How far a `skip` reaches: the ruleset it stands in, or the rest of its phase. */
type Stop = "ruleset" | "phase";

/** A visit's end, wrapped so that it cannot be taken for a stop. */
interface Ended<End> {
  readonly end: End;
}

/** How many rulesets may `execute` one another; Cloudflare allows one level (asOf 2026-11). */
const DEEPEST_EXECUTE = 4;

/** Runs the account's entry point of a phase, then the zone's, until a visit ends the request. */
export function runPhase<End>(
  name: string,
  context: RequestContext,
  choices: Choices,
  visit: Visit<End>,
): End | undefined {
  const phase = context.plan.phase(name);
  if (phase === undefined) return undefined;
  for (const scope of ["account", "zone"] as const) {
    const entry = phase[scope];
    if (entry === undefined || context.skips?.[scope].has(name)) continue;
    const step = runRuleset(entry, context, choices, visit, DEEPEST_EXECUTE);
    if (typeof step === "object") return step.end;
  }
  return undefined;
}

function runRuleset<End>(
  compiled: CompiledRuleset,
  context: RequestContext,
  choices: Choices,
  visit: Visit<End>,
  depth: number,
): Ended<End> | Stop | undefined {
  if (context.skips?.rulesets.has(compiled.ruleset.id)) return undefined;
  for (const rule of compiled.rules) {
    if (context.skips?.rules.has(rule.rule.id)) continue;
    if (!visit.applies(rule, context)) continue;
    if (rule.action.kind === "execute") {
      if (depth === 0) continue;
      const inner = context.plan.custom(rule.action.rulesetId);
      if (inner === undefined || inner.ruleset.kind !== "custom") continue;
      const step = runRuleset(inner, context, choices, visit, depth - 1);
      if (step !== undefined && step !== "ruleset") return step;
      continue;
    }
    const end = visit.act(rule, context);
    if (end !== undefined) return { end };
    if (rule.action.kind === "skip") {
      const stop = applySkip(rule.action.skip, rule.hit.scope, context, choices);
      if (stop !== undefined) return stop;
    }
  }
  return undefined;
}

function applySkip(
  skip: SkipParameters,
  scope: "account" | "zone",
  context: RequestContext,
  choices: Choices,
): Stop | undefined {
  const skips = skipsOf(context);
  for (const phase of skip.phases) {
    skips[scope].add(phase);
    if (scope === "zone" || choices.accountSkipReach === "both") {
      skips.account.add(phase);
      skips.zone.add(phase);
    }
  }
  if (skip.products.includes("rateLimit") && choices.skipProductRateLimit === "phase") {
    skips.account.add(RATE_LIMITS_PHASE);
    skips.zone.add(RATE_LIMITS_PHASE);
  }
  for (const id of skip.rulesets) skips.rulesets.add(id);
  for (const id of skip.rules) skips.rules.add(id);
  if (skip.phase) return "phase";
  return skip.ruleset ? "ruleset" : undefined;
}
