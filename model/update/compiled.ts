import { assumedRingStates, compileZones } from "../compile/compile.ts";
import type { DesiredRule, DesiredZone } from "../compile/types.ts";
import type { Definitions, Environment } from "../definition/types.ts";
import { digestOf } from "./definitionRecord.ts";

/** Digests of what definitions are compiled to, whatever state their rings are in: a moved ring changes none. */
export interface Compiled {
  readonly whole: string;
  /** By zone id, of the rules of each phase. */
  readonly zones: Readonly<Record<string, { readonly customRules: string; readonly rateLimits: string }>>;
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
        {
          customRules: of(zone, ({ customRules }) => customRules.map(deployedPart)),
          rateLimits: of(zone, ({ rateLimits }) => rateLimits.map(deployedPart)),
        },
      ]),
    ),
  };
}

function deployedParts(zone: DesiredZone): object {
  return {
    ...zone,
    customRules: zone.customRules.map(deployedPart),
    rateLimits: zone.rateLimits.map(deployedPart),
  };
}

/** Without what only messages need: a rule that moved to another line is the same rule. */
function deployedPart({ at: _at, branches: _branches, ...rule }: DesiredRule): object {
  return rule;
}
