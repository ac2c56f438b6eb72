import { createHmac } from "node:crypto";
import {
  createEdge,
  type Edge,
  type EdgeOptions,
  type EdgeRequest,
  type HeaderPair,
  VirtualClock,
} from "./index.ts";
import type { Ruleset, RulesetRule, TokenConfiguration, ZoneSpec } from "./world/types.ts";

/** What the tests of this folder share: one zone, short ways to say rules, requests and tokens. */
export const ZONE_ID = "0".repeat(31).concat("1");
export const ACCOUNT_ID = "a".repeat(32);
export const START_MS = Date.UTC(2026, 10, 22);
export const CONFIGURATION_ID = "f9c5615e-fe15-48ce-bec6-cfc1946f1bec";

export const ZONE: ZoneSpec = {
  id: ZONE_ID,
  name: "example.com",
  accountId: ACCOUNT_ID,
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
};

export function testEdge(options: Partial<EdgeOptions> = {}): {
  readonly clock: VirtualClock;
  readonly edge: Edge;
} {
  const clock = new VirtualClock(START_MS);
  return { clock, edge: createEdge({ clock, zones: [ZONE], ...options }) };
}

/** A block rule unless `more` says otherwise; its id is its ref. */
export function rule(ref: string, expression: string, more: Partial<RulesetRule> = {}): RulesetRule {
  return {
    id: ref,
    version: "1",
    ref,
    action: "block",
    expression,
    enabled: true,
    last_updated: "",
    ...more,
  };
}

/** The zone's entry point of a phase unless `more` says otherwise; its id is its phase. */
export function ruleset(phase: string, rules: readonly RulesetRule[], more: Partial<Ruleset> = {}): Ruleset {
  return {
    id: phase,
    name: "",
    description: "",
    kind: "zone",
    phase,
    version: "1",
    last_updated: "",
    rules,
    ...more,
  };
}

export const CUSTOM_RULES = "http_request_firewall_custom";

/** Puts the zone's rulesets in force. */
export function enforce(edge: Edge, ...rulesets: readonly Ruleset[]): void {
  edge.world.commitZone(ZONE_ID, "rulesets", rulesets);
}

export function enforceInAccount(edge: Edge, ...rulesets: readonly Ruleset[]): void {
  edge.world.commitAccount(ACCOUNT_ID, "rulesets", rulesets);
}

/** A GET of a path on api.example.com. */
export function get(path: string, ...headers: readonly HeaderPair[]): EdgeRequest {
  return { method: "GET", url: `https://api.example.com${path}`, headers };
}

const secret = Buffer.alloc(32, 7);

/** A token configuration with one HS256 key, `k1`. */
export const CONFIGURATION: TokenConfiguration = {
  id: CONFIGURATION_ID,
  title: "",
  description: "",
  token_type: "JWT",
  token_sources: ['http.request.headers["authorization"][0]'],
  keys: [{ kid: "k1", alg: "HS256", kty: "oct", k: secret.toString("base64url") }],
  created_at: "",
  last_updated: "",
};

/** A token of that configuration around these claims. */
export function token(claims: Readonly<Record<string, unknown>>, key: Buffer = secret): string {
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${segment({ alg: "HS256", kid: "k1" })}.${segment(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
