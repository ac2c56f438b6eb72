import { join } from "node:path";
import { readRuleFiles } from "../../../infra/ruleFiles.ts";
import { loadDefinitions } from "../../../model/definition/load.ts";
import type { Environment } from "../../../model/definition/types.ts";
import { type RingUsage, ringUsages } from "../usage.ts";

/** A stack with one zone that has everything. */
export const environment: Environment = {
  stack: "dev",
  zones: [
    {
      id: "0123456789abcdef0123456789abcdef",
      name: "example.com",
      plan: "enterprise",
      addOns: ["api_shield", "advanced_rate_limiting"],
    },
  ],
};

/** The definitions of `examples/shop`. */
export const { definitions } = loadDefinitions(
  readRuleFiles(join(import.meta.dirname, "..", "..", "..", "examples", "shop", "rules")),
  environment,
);

export function usageOf(ring: string): RingUsage {
  const found = ringUsages(definitions, environment).find((usage) => usage.ring.id === ring);
  if (found === undefined) throw new Error(`the example has no ring ${ring}`);
  return found;
}
