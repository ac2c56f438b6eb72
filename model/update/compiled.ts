import { assumedRingStates, compileZones } from "../compile/compile.ts";
import type { DesiredRule, DesiredZone } from "../compile/types.ts";
import type { Definitions, Environment } from "../definition/types.ts";
import { CUSTOM_PHASE, forPhases, type Phase, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { digestOf } from "./definitionRecord.ts";

/** Digests of what definitions are compiled to, whatever state their rings are in: a moved ring changes none. */
export interface Compiled {
  readonly whole: string;
  /** By zone id, of the rules of each phase. */
  readonly zones: Readonly<Record<string, Readonly<Record<Phase, string>>>>;
}

/**
 * Compiles for rings without a key, which only log, and for rings in the middle of a rotation, which refuse: between
 * them lies all that a ring's state can change in a rule.
 */
export function compiled(definitions: Definitions, environment: Environment): Compiled {
  const states = [{}, assumedRingStates(definitions)];
  const variants = states.map((state) => compileZones(definitions, environment, state));
  const of = (zoneId: string, pick: (zone: DesiredZone) => unknown) =>
    digestOf(variants.map((zones) => zones.filter((zone) => zone.zoneId === zoneId).map(pick)));
  const zones = (variants[0] ?? []).map(({ zoneId }) => zoneId);
  return {
    whole: digestOf(zones.map((zone) => [zone, of(zone, deployedParts)])),
    zones: Object.fromEntries(
      zones.map((zone) => [
        zone,
        forPhases((phase) => of(zone, ({ rules }) => rules[phase].map(deployedPart))),
      ]),
    ),
  };
}

/** By the names that stand in the digests of deployed stacks: others would make every stack wait for an `up`. */
function deployedParts({ rules, ...zone }: DesiredZone): object {
  return {
    ...zone,
    customRules: rules[CUSTOM_PHASE].map(deployedPart),
    rateLimits: rules[RATE_LIMIT_PHASE].map(deployedPart),
  };
}

/** Without what only messages need: a rule that moved to another line is the same rule. */
function deployedPart({ at: _at, branches: _branches, ...rule }: DesiredRule): object {
  return rule;
}
