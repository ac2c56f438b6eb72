import type { DesiredState } from "../../model/compile/types.ts";
import type { Ring } from "../../model/definition/types.ts";
import { CUSTOM_PHASE, PHASES, type Phase } from "../../model/facts/phases.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import { MOVES, type MoveKind } from "../../model/ring/states.ts";

/**
 * The resources that a ring's move changes, as globs over URNs, so that an unrelated failure cannot hold it up: its
 * keys, configurations and signer, for an HMAC ring the rules that hold its secrets, for a promotion (`trust` of a
 * mirrored ring) all rules, which a first ACTIVE key switches from `log` to what they are, and for what only the ledger keeps nothing that moves.
 */
export function moveTargets(ring: Ring, move: MoveKind, { zones }: DesiredState): string[] {
  if (MOVES[move].ledgerOnly) return children(ring, ["RingMaterial"]);
  const switched =
    move === "promote" || move === "trust" ? PHASES.flatMap((phase) => rules(phase, zones)) : [];
  return [...children(ring, ["RingMaterial", "RingSigner"]), ...holders(ring, zones), ...switched];
}

/** The resources that hold a ring's keys at Cloudflare, and nothing that comes after them. */
export function repairTargets(ring: Ring, { zones }: DesiredState): string[] {
  return holders(ring, zones);
}

function holders(ring: Ring, zones: DesiredState["zones"]): string[] {
  switch (ring.kind) {
    case "jwt":
    case "mirror":
      return children(ring, ["RingConfigurations"]);
    case "hmac":
      return rules(CUSTOM_PHASE, zones);
  }
}

/** By their parents' type too: the rules of a zone `shop.com` would be resources of a ring `shop` by name. */
function children(ring: Ring, parents: readonly string[]): string[] {
  return parents.map((parent) => `**:${parent}$**::${ledgerId(ring)}.*`);
}

function rules(phase: Phase, zones: DesiredState["zones"]): string[] {
  return zones.map(({ zoneName }) => `**::${zoneName}.${phase}`);
}
