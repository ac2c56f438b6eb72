/**
 * The shared vocabulary of the local Cloudflare: what the API stores (control plane) and what a
 * point of presence enforces (data plane). The API replaces a *part* as a whole; every point of presence
 * sees that part change at one instant of its own, some lag later.
 */

/** Time in milliseconds since the Unix epoch. The edge never reads the machine's clock itself. */
export interface Clock {
  now(): number;
}

/** Zone plans, as in the limit tables. */
export type Plan = "free" | "pro" | "business" | "enterprise";

/** Paid additions that gate fields, functions and endpoints. */
export type AddOn = "api_shield" | "advanced_rate_limiting" | "bot_management" | "content_scanning";

/** URL normalization settings of a zone (cloudflare.com/rules/normalization). */
export interface UrlNormalization {
  readonly type: "cloudflare" | "rfc3986";
  readonly scope: "incoming" | "both" | "none";
}

export interface ZoneSpec {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** The apex domain; a host belongs to the zone whose name is its longest suffix. */
  readonly name: string;
  readonly accountId: string;
  readonly plan: Plan;
  readonly addOns: readonly AddOn[];
  /** Overrides of rows of the limit table, by row name. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly urlNormalization?: UrlNormalization;
}

/** A verification key as stored. `k` is kept for enforcement and never answered. */
export interface StoredKey {
  readonly kid: string;
  readonly alg: string;
  readonly kty: "RSA" | "EC" | "oct";
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly k?: string;
}

export interface TokenConfiguration {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly token_type: "JWT";
  readonly token_sources: readonly string[];
  readonly keys: readonly StoredKey[];
  readonly created_at: string;
  readonly last_updated: string;
}

export interface TokenRule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly action: "log" | "block";
  readonly enabled: boolean;
  readonly expression: string;
  readonly selector: {
    readonly include?: readonly { readonly host?: readonly string[] }[] | null;
    readonly exclude?: readonly { readonly operation_ids?: readonly string[] }[] | null;
  };
  readonly created_at: string;
  readonly last_updated: string;
}

export interface Operation {
  readonly operation_id: string;
  readonly method: string;
  readonly host: string;
  readonly endpoint: string;
  readonly last_updated: string;
}

export interface RateLimitSpec {
  readonly characteristics: readonly string[];
  readonly period: number;
  readonly requests_per_period?: number;
  readonly mitigation_timeout?: number;
  readonly counting_expression?: string;
  readonly requests_to_origin?: boolean;
  readonly score_per_period?: number;
  readonly score_response_header_name?: string;
}

export interface RulesetRule {
  readonly id: string;
  readonly version: string;
  readonly ref: string;
  readonly action: string;
  readonly action_parameters?: Readonly<Record<string, unknown>>;
  readonly expression: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly logging?: { readonly enabled: boolean };
  readonly ratelimit?: RateLimitSpec;
  readonly last_updated: string;
}

export interface Ruleset {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: "root" | "zone" | "custom" | "managed";
  readonly phase: string;
  readonly version: string;
  readonly last_updated: string;
  readonly rules: readonly RulesetRule[];
}

/** A list usable as `$name` in expressions. */
export interface NamedList {
  readonly id: string;
  readonly name: string;
  readonly kind: "ip" | "asn" | "hostname" | "redirect";
  readonly items: readonly string[];
}

/** What a point of presence enforces for one zone. Every member is replaced whole, never mutated. */
export interface ZoneParts {
  readonly tokenConfigurations: readonly TokenConfiguration[];
  readonly tokenRules: readonly TokenRule[];
  readonly operations: readonly Operation[];
  /** All rulesets of the zone, entry points and custom ones, current versions. */
  readonly rulesets: readonly Ruleset[];
  readonly authIdCharacteristics: readonly {
    readonly type: "header" | "cookie" | "jwt";
    readonly name: string;
  }[];
  readonly customPages: Readonly<Record<string, { readonly state: string; readonly url: string }>>;
  readonly urlNormalization: UrlNormalization;
}

/** What a point of presence enforces for one account. */
export interface AccountParts {
  readonly rulesets: readonly Ruleset[];
  readonly lists: readonly NamedList[];
  readonly customPages: Readonly<Record<string, { readonly state: string; readonly url: string }>>;
}

export interface PointOfPresence {
  /** The code in `cf-ray`, such as `AMS`. */
  readonly name: string;
  /** How long after the API's acknowledgement this place enforces a change of `part`, in milliseconds. */
  readonly lag: (part: string, random: () => number) => number;
  /** How far its clock is ahead of the true time, in milliseconds; behind if negative. Default 0. */
  readonly clockOffset?: number;
}

/**
 * Control plane and propagation. `commit` stores a new value of one part at once (the API reads it back
 * immediately) and schedules its arrival at each point of presence; arrivals of one part at one place never
 * overtake each other.
 */
export interface World {
  readonly clock: Clock;
  readonly pops: readonly PointOfPresence[];
  readonly zones: readonly ZoneSpec[];
  zone(id: string): ZoneParts;
  account(id: string): AccountParts;
  commitZone<K extends keyof ZoneParts>(id: string, part: K, value: ZoneParts[K]): void;
  commitAccount<K extends keyof AccountParts>(id: string, part: K, value: AccountParts[K]): void;
  /** What `pop` enforces now. The returned object is the same (===) as long as nothing arrived. */
  zoneAt(pop: string, id: string): ZoneParts;
  accountAt(pop: string, id: string): AccountParts;
  /** A fresh 32-hex id, 36-character UUID, or other; from the world's seeded generator. */
  id(kind: "hex32" | "uuid"): string;
  /** Seeded, in [0, 1). */
  random(): number;
  /** RFC 3339 with microseconds of the current instant, as the API prints times. */
  timestamp(): string;
}
