import { type Change, changesOf, renamesOf } from "./changes.ts";
import { renameRings } from "./renameRings.ts";
import { type Side, thingsOf } from "./things.ts";
import { type Comparison, compareVerdicts } from "./verdicts.ts";

/** What two sets of definitions differ in: by what they say, and by what requests are answered. */
export interface PolicyDiff extends Comparison {
  readonly changes: readonly Change[];
}

/**
 * Compares two sides by the rules they name and by their verdicts. A ring that was renamed signs what it signed before.
 */
export function diffPolicies(before: Side, after: Side): PolicyDiff {
  const rings = renamesOf(
    "ring",
    thingsOf({ ...before, policies: [] }),
    thingsOf({ ...after, policies: [] }),
  );
  const policies = before.policies.map((policy) => renameRings(policy, rings));
  const [old, now] = [thingsOf({ ...before, policies }), thingsOf(after)];
  return {
    changes: changesOf(old, now),
    ...compareVerdicts(policies, after.policies, renamesOf("rule", old, now)),
  };
}
