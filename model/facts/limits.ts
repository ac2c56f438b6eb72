/** Zone plans. */
export const PLANS = ["free", "pro", "business", "enterprise"] as const;
export type Plan = (typeof PLANS)[number];

/** Paid additions that gate fields and rate limit characteristics. */
export const ADD_ONS = [
  "api_shield",
  "advanced_rate_limiting",
  "bot_management",
  "content_scanning",
] as const;
export type AddOn = (typeof ADD_ONS)[number];

/** One limit of Cloudflare by plan, with where it was read and when. Zones may override a row by its name. */
export interface Limit {
  readonly name: string;
  readonly values: Readonly<Record<Plan, number>>;
  readonly unit: string;
  readonly source: string;
  readonly asOf: string;
}

const AS_OF = "2026-11";

function same(value: number): Readonly<Record<Plan, number>> {
  return { free: value, pro: value, business: value, enterprise: value };
}

/** Every numeric limit that a definition can run into. */
export const limits = [
  {
    name: "tokenConfigurations",
    values: same(32),
    unit: "token configurations per zone",
    source: "developers.cloudflare.com/changelog 2026-08-27 (before: 4)",
    asOf: AS_OF,
  },
  {
    name: "keysPerConfiguration",
    values: same(16),
    unit: "keys per token configuration",
    source: "developers.cloudflare.com/changelog 2026-08-27 (before: 4)",
    asOf: AS_OF,
  },
  {
    name: "tokenSources",
    values: same(4),
    unit: "token sources per token configuration",
    source: "developers.cloudflare.com/api: token_validation/config token_sources",
    asOf: AS_OF,
  },
  {
    name: "titleLength",
    values: same(50),
    unit: "characters in a title",
    source: "developers.cloudflare.com/api: token_validation/config title",
    asOf: AS_OF,
  },
  {
    name: "descriptionLength",
    values: same(500),
    unit: "characters in a description",
    source: "developers.cloudflare.com/api: token_validation/config description",
    asOf: AS_OF,
  },
  {
    name: "customRules",
    values: { free: 5, pro: 20, business: 100, enterprise: 1000 },
    unit: "custom rules per zone",
    source: "developers.cloudflare.com/waf/custom-rules: availability",
    asOf: AS_OF,
  },
  {
    name: "rateLimitRules",
    values: { free: 1, pro: 2, business: 5, enterprise: 100 },
    unit: "rate limiting rules per zone",
    source: "developers.cloudflare.com/waf/rate-limiting-rules: availability",
    asOf: AS_OF,
  },
  {
    name: "rateLimitPeriod",
    values: { free: 10, pro: 60, business: 600, enterprise: 65_535 },
    unit: "seconds in a rate limit's period",
    source: "developers.cloudflare.com/waf/rate-limiting-rules: availability",
    asOf: AS_OF,
  },
  {
    name: "rateLimitMitigation",
    values: { free: 10, pro: 3600, business: 86_400, enterprise: 86_400 },
    unit: "seconds in a rate limit's mitigation",
    source: "developers.cloudflare.com/waf/rate-limiting-rules: availability",
    asOf: AS_OF,
  },
  {
    name: "expressionLength",
    values: same(4096),
    unit: "characters in an expression",
    source: "developers.cloudflare.com/ruleset-engine/rules-language/expressions: maximum length",
    asOf: AS_OF,
  },
  {
    name: "customResponseBytes",
    values: same(2048),
    unit: "bytes in a custom rule's reply",
    source: "developers.cloudflare.com/waf/custom-rules/create-dashboard: response body",
    asOf: AS_OF,
  },
] as const satisfies readonly Limit[];

/** What a plan or an add-on must bring before a feature may be used. */
export interface Gate {
  readonly name: string;
  readonly plans: readonly Plan[];
  readonly addOn?: AddOn;
  readonly source: string;
  readonly asOf: string;
}

const PRO_UP: readonly Plan[] = ["pro", "business", "enterprise"];

/** Features that not every plan has. */
export const gates = [
  {
    name: "jwtClaims",
    plans: ["enterprise"],
    addOn: "api_shield",
    source: "developers.cloudflare.com/ruleset-engine/rules-language/fields: http.request.jwt.claims",
    asOf: AS_OF,
  },
  {
    name: "hmac",
    plans: PRO_UP,
    source: "developers.cloudflare.com/waf/custom-rules/use-cases/configure-token-authentication",
    asOf: AS_OF,
  },
  {
    name: "cookies",
    plans: PRO_UP,
    source: "developers.cloudflare.com/ruleset-engine/rules-language/fields: http.request.cookies",
    asOf: AS_OF,
  },
  {
    name: "customResponse",
    plans: PRO_UP,
    source: "developers.cloudflare.com/waf/custom-rules/create-dashboard: custom response",
    asOf: AS_OF,
  },
  {
    name: "regex",
    plans: ["business", "enterprise"],
    source: "developers.cloudflare.com/ruleset-engine/rules-language/operators: matches",
    asOf: AS_OF,
  },
  {
    name: "log",
    plans: ["enterprise"],
    source: "developers.cloudflare.com/waf/custom-rules: log action",
    asOf: AS_OF,
  },
  {
    name: "advancedRateLimiting",
    plans: ["enterprise"],
    addOn: "advanced_rate_limiting",
    source: "developers.cloudflare.com/waf/rate-limiting-rules: availability",
    asOf: AS_OF,
  },
] as const satisfies readonly Gate[];

export type LimitName = (typeof limits)[number]["name"];
export type GateName = (typeof gates)[number]["name"];

/** Periods that the API takes for a rate limit, in seconds (the narrower of two published lists). */
export const rateLimitPeriods: readonly number[] = [10, 60, 120, 300, 600, 3600];

/** Mitigation times that the API takes for a rate limit, in seconds; 0 throttles. */
export const rateLimitMitigations: readonly number[] = [0, 10, 60, 120, 300, 600, 3600, 86_400];

/** What of a zone decides its limits. */
export interface PlanOf {
  readonly plan: Plan;
  readonly addOns?: readonly AddOn[];
  readonly limits?: Readonly<Record<string, number>>;
}

/** The value of a limit for a zone: its own override, else the row of its plan. */
export function limitOf(zone: PlanOf, name: LimitName): number {
  const row: Limit | undefined = limits.find((limit) => limit.name === name);
  if (row === undefined) throw new RangeError(`no such limit: ${name}`);
  return zone.limits?.[name] ?? row.values[zone.plan];
}

/** Whether a zone's plan and add-ons have a feature. */
export function hasFeature(zone: PlanOf, name: GateName): boolean {
  const gate: Gate | undefined = gates.find((row) => row.name === name);
  if (gate === undefined) throw new RangeError(`no such feature: ${name}`);
  return (
    gate.plans.includes(zone.plan) && (gate.addOn === undefined || (zone.addOns ?? []).includes(gate.addOn))
  );
}
