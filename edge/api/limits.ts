import type { AddOn, Plan } from "../world/types.ts";

/** One limit of Cloudflare. Either the same everywhere or one value for each plan. */
export interface LimitRow {
  readonly value: number | Readonly<Record<Plan, number>>;
  /** The value with an add-on, where it differs. */
  readonly withAddOn?: { readonly addOn: AddOn; readonly value: number };
  readonly unit: string;
  readonly source: string;
  readonly asOf: string;
}

const byPlan = (free: number, pro: number, business: number, enterprise: number) => ({
  free,
  pro,
  business,
  enterprise,
});

const jwt = "developers.cloudflare.com: API Shield, JWT validation";
const sdk = "types of the official SDK cloudflare 7.3.0";
const asOf = "2026-11";

/** All limits that the API enforces. A zone overrides a row by its name (`ZoneSpec.limits`). */
export const limitTable = {
  configurationsPerZone: {
    value: 32,
    unit: "configurations",
    source: "changelog 2026-08-27 (before: 4)",
    asOf,
  },
  keysPerConfiguration: { value: 16, unit: "keys", source: "changelog 2026-08-27 (before: 4)", asOf },
  tokenSources: { value: 4, unit: "sources", source: jwt, asOf },
  titleLength: { value: 50, unit: "characters", source: sdk, asOf },
  descriptionLength: { value: 500, unit: "characters", source: sdk, asOf },
  rsaModulusBits: { value: 2048, unit: "bits", source: jwt, asOf },
  savedOperations: {
    value: byPlan(100, 250, 500, 500),
    withAddOn: { addOn: "api_shield", value: 10_000 },
    unit: "operations",
    source: "developers.cloudflare.com: API Shield, plans",
    asOf,
  },
  endpointLength: { value: 4096, unit: "characters", source: sdk, asOf },
  customRules: {
    value: byPlan(5, 20, 100, 1000),
    unit: "rules in entry point and custom rulesets together",
    source: "developers.cloudflare.com: WAF custom rules, availability",
    asOf,
  },
  zoneCustomRulesets: {
    value: byPlan(1, 2, 5, 10),
    unit: "custom rulesets",
    source: "developers.cloudflare.com: WAF custom rules, availability",
    asOf,
  },
  blockBodyBytes: {
    value: 2048,
    unit: "bytes",
    source: "developers.cloudflare.com: custom rules (the older, smaller figure)",
    asOf,
  },
  rateLimitBodyBytes: {
    value: 30_720,
    unit: "bytes",
    source: "developers.cloudflare.com: rate limiting rules",
    asOf,
  },
  rateLimitRules: {
    value: byPlan(1, 2, 5, 100),
    unit: "rules",
    source: "developers.cloudflare.com: rate limiting rules, availability",
    asOf,
  },
  rateLimitPeriod: {
    value: byPlan(10, 60, 600, 65_535),
    unit: "seconds",
    source: "developers.cloudflare.com: rate limiting rules, availability",
    asOf,
  },
  rateLimitTimeout: {
    value: byPlan(10, 3600, 86_400, 86_400),
    unit: "seconds",
    source: "developers.cloudflare.com: rate limiting rules, availability",
    asOf,
  },
  storesPerAccount: { value: 1, unit: "stores", source: "developers.cloudflare.com: Secrets Store", asOf },
  secretsPerAccount: {
    value: 100,
    unit: "secrets",
    source: "developers.cloudflare.com: Secrets Store",
    asOf,
  },
  secretBytes: { value: 65_536, unit: "bytes", source: "developers.cloudflare.com: Secrets Store", asOf },
  workerBindings: {
    value: 128,
    unit: "variables and secrets of one Worker",
    source: "developers.cloudflare.com: Workers limits (Paid)",
    asOf,
  },
  workerSecretBytes: {
    value: 5120,
    unit: "bytes",
    source: "developers.cloudflare.com: Workers limits",
    asOf,
  },
  workerSecretsBulk: {
    value: 100,
    unit: "secrets in one bulk call",
    source: "developers.cloudflare.com: Workers",
    asOf,
  },
  kvKeyBytes: { value: 512, unit: "bytes", source: "developers.cloudflare.com: Workers KV limits", asOf },
  kvMetadataBytes: {
    value: 1024,
    unit: "bytes",
    source: "developers.cloudflare.com: Workers KV limits",
    asOf,
  },
  requestsPerFiveMinutes: {
    value: 1200,
    unit: "requests per token",
    source: "developers.cloudflare.com: API limits",
    asOf,
  },
} satisfies Record<string, LimitRow>;

export type LimitName = keyof typeof limitTable;

/** Whose limit is asked for. */
export interface LimitSubject {
  readonly plan: Plan;
  readonly addOns: readonly AddOn[];
  readonly limits?: Readonly<Record<string, number>>;
}

/** The value of row `name` for a zone (or an account's best zone): its override, else add-on, else plan. */
export function limitOf(name: LimitName, subject: LimitSubject): number {
  const override = subject.limits?.[name];
  if (override !== undefined) return override;
  const row: LimitRow = limitTable[name];
  if (row.withAddOn !== undefined && subject.addOns.includes(row.withAddOn.addOn)) return row.withAddOn.value;
  return typeof row.value === "number" ? row.value : row.value[subject.plan];
}
