import type { AddOn, Plan } from "../world/types.ts";
import type { Choices } from "./choices.ts";
import type { FieldRow, Gate } from "./fieldRow.ts";
import type { FunctionRow } from "./functionRow.ts";
import { TOKEN_RULES_PHASE } from "./phases.ts";
import { placeGap, type Use } from "./places.ts";

/** What availability depends on. */
export interface Surroundings {
  readonly phase: string;
  readonly plan: Plan;
  readonly addOns: readonly AddOn[];
  readonly use: Use;
  readonly choices: Choices;
}

/** Plans, the least first. */
export const plans: readonly Plan[] = ["free", "pro", "business", "enterprise"];

function reaches(plan: Plan, least: Plan): boolean {
  return plans.indexOf(plan) >= plans.indexOf(least);
}

function gateGap(gate: Gate, here: Surroundings): string | undefined {
  if (here.addOns.includes("advanced_rate_limiting")) return undefined;
  if (gate === "advanced") return "needs the add-on advanced_rate_limiting";
  return reaches(here.plan, gate)
    ? undefined
    : `needs the plan ${gate} in rate limiting, and this is ${here.plan}`;
}

function ownedGap(row: { plan?: Plan; addOn?: AddOn }, here: Surroundings): string | undefined {
  if (row.plan !== undefined && !reaches(here.plan, row.plan)) {
    return `needs the plan ${row.plan}, and this is ${here.plan}`;
  }
  if (row.addOn !== undefined && !here.addOns.includes(row.addOn)) return `needs the add-on ${row.addOn}`;
  return undefined;
}

function rateLimitGap(row: FieldRow, here: Surroundings): string | undefined {
  if (here.use === "characteristic") {
    const otherwise = here.choices.customCharacteristics;
    return gateGap(row.characteristic ?? otherwise, here);
  }
  return gateGap(row.rateLimit ?? here.choices.rateLimitOtherFields, here);
}

/** Why a field may not be used here, as a sentence about it; `undefined` when it may. */
export function fieldGap(row: FieldRow, here: Surroundings): string | undefined {
  if (row.characteristicOnly && here.use !== "characteristic") {
    return `${row.name} is a characteristic of rate limiting, not for expressions`;
  }
  const isClaim = row.name.startsWith("http.request.jwt.claims");
  const isTokenRule = isClaim && here.phase === TOKEN_RULES_PHASE;
  const isAccepted = isTokenRule && here.choices.claimsInTokenRules === "accepted";
  let gap = (isAccepted ? undefined : placeGap(row.places, here)) ?? ownedGap(row, here);
  if (here.phase === "http_ratelimit") gap ??= rateLimitGap(row, here);
  return gap === undefined ? undefined : `${row.name} ${gap}`;
}

/** Why a function may not be used here, as a sentence about it; `undefined` when it may. */
export function functionGap(row: FunctionRow, here: Surroundings): string | undefined {
  const gap = placeGap(row.places, here) ?? ownedGap(row, here);
  return gap === undefined ? undefined : `${row.name} ${gap}`;
}
