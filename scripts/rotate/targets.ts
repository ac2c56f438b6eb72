import type { DesiredState } from "../../model/compile/types.ts";
import type { Ring } from "../../model/definition/types.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import type { MoveKind } from "../../model/ring/states.ts";

/**
 * The resources that a ring's move changes, as globs over URNs, so that an unrelated failure cannot hold it up: its
 * keys, configurations and signer, for an HMAC ring the rules that hold its secrets, and for a promotion all rules,
 * which a first ACTIVE key switches from `log` to what they are.
 */
export function moveTargets(ring: Ring, move: MoveKind, { zones }: DesiredState): string[] {
  // By their parents' type too: the rules of a zone `shop.com` would be resources of a ring `shop` by name.
  const own = ["RingMaterial", "RingConfigurations", "RingSigner"].map(
    (parent) => `**:${parent}$**::${ledgerId(ring)}.*`,
  );
  const custom = zones.map(({ zoneName }) => `**::${zoneName}.http_request_firewall_custom`);
  const limits = zones.map(({ zoneName }) => `**::${zoneName}.http_ratelimit`);
  if (move === "promote") return [...own, ...custom, ...limits];
  return ring.kind === "jwt" ? own : [...own, ...custom];
}
