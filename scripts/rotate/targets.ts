import type { DesiredRule, DesiredState } from "../../model/compile/types.ts";
import type { Ring } from "../../model/definition/types.ts";
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import type { StateResource } from "../engine/engine.ts";

/**
 * The resources that realize a ring, as globs over URNs, so that an unrelated failure cannot hold up a move: its
 * keys, configurations and signer, and for an HMAC ring the rules that hold its secrets.
 */
export function ringTargets(ring: Ring, desired: DesiredState): string[] {
  // By their parents' type too: the rules of a zone `shop.com` would be resources of a ring `shop` by name.
  const own = ["RingMaterial", "RingConfigurations", "RingSigner"].map(
    (parent) => `**:${parent}$**::${ledgerId(ring)}.*`,
  );
  if (ring.kind === "jwt") return own;
  return [...own, ...desired.zones.map((zone) => `**::${zone.zoneName}.http_request_firewall_custom`)];
}

/** The phases of each zone that hold, as deployed, exactly the rules of one of `states`; as globs over URNs. */
export function deployedAs(resources: readonly StateResource[], states: readonly DesiredState[]): string[] {
  const phases = [
    ["http_request_firewall_custom", "customRules"],
    ["http_ratelimit", "rateLimits"],
  ] as const;
  return (states[0]?.zones ?? []).flatMap(({ zoneId, zoneName }) =>
    phases.flatMap(([phase, member]) => {
      const name = `${zoneName}.${phase}`;
      const deployed = resources.find(({ urn }) => urn.endsWith(`:PhaseRules::${name}`))?.inputs.rules;
      const wanted = states.map(
        (state) => state.zones.find((zone) => zone.zoneId === zoneId)?.[member] ?? [],
      );
      return Array.isArray(deployed) && wanted.some((rules) => equalRules(deployed, rules))
        ? [`**::${name}`]
        : [];
    }),
  );
}

/** A deployed rule has a desired one's members, but for those that only the model needs. */
function equalRules(deployed: readonly object[], desired: readonly DesiredRule[]): boolean {
  const equal = (rule: object, other: object) =>
    Object.entries(rule).every(
      ([name, value]) => canonicalJson(value) === canonicalJson((other as Record<string, unknown>)[name]),
    );
  return (
    deployed.length === desired.length && deployed.every((rule, index) => equal(rule, desired[index] ?? {}))
  );
}
