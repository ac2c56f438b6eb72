import type { DesiredState } from "../../model/compile/types.ts";
import type { Ring } from "../../model/definition/types.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";

/**
 * The resources that realize a ring, as globs over URNs, so that an unrelated failure cannot hold up a move: its
 * keys, configurations and signer, and for an HMAC ring the rules that hold its secrets.
 */
export function ringTargets(ring: Ring, desired: DesiredState): string[] {
  const own = `**::${ledgerId(ring)}.*`;
  if (ring.kind === "jwt") return [own];
  return [own, ...desired.zones.map((zone) => `**::${zone.zoneName}.http_request_firewall_custom`)];
}
