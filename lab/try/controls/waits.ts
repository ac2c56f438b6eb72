import type { Ring } from "../../../model/definition/types.ts";
import {
  defaultTerms,
  type RotationDefaults,
  type RotationPolicy,
  rotationPolicy,
} from "../../../model/rotationPolicy/policy.ts";
import type { Control } from "./rows.ts";

/** The default terms without the round floors above the formulas, which would hide a missing term. */
export const bareTerms: RotationDefaults = {
  ...defaultTerms(),
  leadEdgeOnly: 0,
  leadWithConsumers: 0,
  overlapFloor: 0,
};

/** The waits of a ring by the bare formulas, with what the control changes. */
export function controlledWaits(ring: Ring, control: Control): RotationPolicy {
  const right = rotationPolicy(ring, bareTerms);
  const overlap = rotationPolicy(ring, { ...bareTerms, ...control.overlap }).overlapSeconds;
  return {
    ...right,
    leadSeconds: rotationPolicy(ring, { ...bareTerms, ...control.lead }).leadSeconds,
    overlapSeconds: (lifetime) => overlap(control.withoutLifetime ? 0 : lifetime),
  };
}
