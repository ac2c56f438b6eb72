import { createEdge, type EdgeRequest, type RulesetRule } from "@keyturn/edge";
import { decidedBy } from "../../model/compile/decidedBy.ts";
import { CUSTOM_PHASE } from "../../model/facts/phases.ts";
import { PLACEHOLDER } from "../../model/facts/placeholders.ts";
import { readStack } from "../../scripts/rotate/reading.ts";
import type { Stage } from "./stage.ts";

/** Names the definitions that made the rule with this `ref` act on a request; none for foreign rules. */
export type BranchFinder = (request: EdgeRequest, ref: string) => Promise<string[]>;

/**
 * A second edge with the same keys, where each branch of the packed rules is a rule of its own that only logs: the
 * edge itself says which of them hold for a request.
 */
export async function createBranchFinder(stage: Stage): Promise<BranchFinder> {
  const { edge, clock } = stage.local;
  const reading = await readStack(stage.world);
  const { desired } = reading.plan;
  const secret = (name: string): string => {
    const [ring = "", key = ""] = name.split("/");
    const kid = reading.plan.ledger.rings[ring]?.keys.find((each) => each.name === key)?.kid ?? "";
    return Buffer.from(stage.material.get(kid)?.k ?? "", "base64url").toString();
  };
  const configuration = (ring: string, zoneId: string): string =>
    reading.reports[ring]?.configurations?.find((each) => each.zoneId === zoneId)?.configurationId ?? "";
  const twin = createEdge({ clock, zones: edge.world.zones, pops: [{ name: "TWIN", lag: () => 0 }] });
  const expressions: string[] = [];
  for (const zone of desired.zones) {
    const branches = Object.values(zone.rules)
      .flat()
      .flatMap((rule) => rule.branches);
    const rules = branches.map(({ expression }): RulesetRule => {
      const id = String(expressions.push(expression) - 1);
      const filled = expression.replaceAll(PLACEHOLDER, (_whole, kind: string, name: string) =>
        kind === "config" ? configuration(name, zone.zoneId) : secret(name),
      );
      return {
        id,
        ref: id,
        version: "1",
        action: "log",
        expression: filled,
        enabled: true,
        last_updated: "",
      };
    });
    const { tokenConfigurations } = edge.world.zone(zone.zoneId);
    twin.world.commitZone(zone.zoneId, "tokenConfigurations", tokenConfigurations);
    twin.world.commitZone(zone.zoneId, "rulesets", [
      {
        id: CUSTOM_PHASE,
        name: "",
        description: "",
        kind: "zone",
        phase: CUSTOM_PHASE,
        version: "1",
        last_updated: "",
        rules,
      },
    ]);
  }
  return async (request, ref) => {
    const { verdict } = await twin.handle(request);
    const held = new Set(verdict.hits.map((hit) => expressions[Number(hit.ref)]));
    return decidedBy(desired, ref, (expression) => held.has(expression));
  };
}
