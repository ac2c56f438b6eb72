import type { AddOn, Plan } from "../world/types.ts";
import type { Choices } from "./choices.ts";
import type { FieldRow, Gate } from "./fieldRow.ts";
import { claimPhases } from "./fieldsOfClaims.ts";
import type { FunctionRow } from "./functionRow.ts";
import { responsePhases, TOKEN_RULES_PHASE } from "./phases.ts";

/** What availability depends on. */
export interface Surroundings {
  readonly phase: string;
  readonly plan: Plan;
  readonly addOns: readonly AddOn[];
  readonly use: "filter" | "counting" | "characteristic" | "value";
  readonly choices: Choices;
}

const plans: readonly Plan[] = ["free", "pro", "business", "enterprise"];

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

function phaseGap(phases: readonly string[] | undefined, here: Surroundings): string | undefined {
  if (phases === undefined || phases.includes(here.phase)) return undefined;
  if (phases === responsePhases && here.phase === "http_ratelimit" && here.use === "counting")
    return undefined;
  return `is not available in the phase ${here.phase}`;
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
  let gap = phaseGap(row.phases, here) ?? ownedGap(row, here);
  if (
    row.phases === claimPhases &&
    here.phase === TOKEN_RULES_PHASE &&
    here.choices.claimsInTokenRules === "refused"
  ) {
    gap ??= "is not available in token validation rules";
  }
  if (here.phase === "http_ratelimit") gap ??= rateLimitGap(row, here);
  return gap === undefined ? undefined : `${row.name} ${gap}`;
}

/** Why a function may not be used here, as a sentence about it; `undefined` when it may. */
export function functionGap(row: FunctionRow, here: Surroundings): string | undefined {
  let phases = row.phases;
  if (row.name === "is_timed_hmac_valid_v0" && here.choices.hmacPhases === "request") phases = undefined;
  const gap = phaseGap(phases, here) ?? ownedGap(row, here);
  return gap === undefined ? undefined : `${row.name} ${gap}`;
}
