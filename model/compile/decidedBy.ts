import type { DesiredState } from "./types.ts";

/**
 * Which definitions made a packed rule act.
 *
 * @param ref the `ref` that Cloudflare reports for the request
 * @param holds evaluates one expression (with placeholders) for that request
 * @returns the ids of all branches that hold, or none when the `ref` is not ours
 */
export function decidedBy(
  desired: DesiredState,
  ref: string,
  holds: (expression: string) => boolean,
): string[] {
  const rules = desired.zones.flatMap((zone) => Object.values(zone.rules).flat());
  const rule = rules.find((each) => each.ref === ref);
  return (rule?.branches ?? []).filter((branch) => holds(branch.expression)).map((branch) => branch.ruleId);
}
