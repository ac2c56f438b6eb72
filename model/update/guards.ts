import type { RingStates } from "../compile/types.ts";
import { refId } from "../compile/zoneInput.ts";
import { hardestMode } from "../definition/modes.ts";
import { isReady, limitWaitsFor, ringsAsked } from "../definition/ringsAsked.ts";
import type { Environment, HostDefinition, Mode, Rule, StagedMode } from "../definition/types.ts";
import { CUSTOM_PHASE, type Phase, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { effectiveMode, readiness } from "../policy/policy.ts";

const RATE_LIMIT = "rate/";

/** A guard's name for life: the rule's first id; a rate limit is one of its own, as its `ref` is. */
function guardName(rule: Rule, isLimit: boolean): string {
  return isLimit ? `${RATE_LIMIT}${refId(rule)}` : refId(rule);
}

/** The phase that a guard's rule stands in. */
export function phaseOf(guard: string): Phase {
  return guard.startsWith(RATE_LIMIT) ? RATE_LIMIT_PHASE : CUSTOM_PHASE;
}

/** One thing that may refuse a request: a rule's requirement or expression, or its rate limit. */
export interface Guard {
  readonly name: string;
  readonly rule: Rule;
  /** The ring it asks, if any; of several the first. */
  readonly ring: string | undefined;
  /** All rings it asks. */
  readonly rings: readonly string[];
  /** Those of them by which no rule may refuse yet. */
  readonly waitsFor: readonly string[];
  /** As the definitions and the environment want it, at its hardest. */
  readonly wanted: Mode;
  /** As it is while its rings may have no ACTIVE key. */
  readonly effective: Mode;
}

/** Everything on a host that may refuse a request. */
export function guardsOf(host: HostDefinition, environment: Environment, states: RingStates): Guard[] {
  const ready = readiness(states);
  const guard = (
    rule: Rule,
    staged: StagedMode,
    asking: Parameters<typeof isReady>[0],
    isLimit: boolean,
  ): Guard => {
    // No clock is read here: what acts from some date on counts as acting.
    const mode = hardestMode(staged);
    const rings = ringsAsked(asking);
    return {
      name: guardName(rule, isLimit),
      rule,
      ring: rings[0],
      rings,
      waitsFor: rings.filter((ring) => !ready(ring)),
      wanted: effectiveMode(mode, environment, true),
      effective: effectiveMode(mode, environment, isReady(asking, ready)),
    };
  };
  return host.rules.flatMap((rule) => {
    const { require, expression, rateLimit } = rule;
    const requires = require !== undefined && require.kind !== "none";
    const own = requires || expression !== undefined ? [guard(rule, rule.mode, rule, false)] : [];
    if (rateLimit === undefined) return own;
    return [...own, guard(rule, rateLimit.mode, limitWaitsFor(rule), true)];
  });
}

/** True for a mode that refuses or challenges. */
export function acts(mode: Mode): boolean {
  return mode === "block" || mode === "challenge";
}
