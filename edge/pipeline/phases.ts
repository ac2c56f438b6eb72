import { PHASES, type PhaseName, TOKEN_RULES_PHASE } from "../language/phases.ts";

/** The phases whose rules may refuse a request, beside the one of token rules. */
export const CUSTOM_RULES_PHASE: PhaseName = "http_request_firewall_custom";
export const RATE_LIMITS_PHASE: PhaseName = "http_ratelimit";

/** How the decisions of one phase are named in Security Events. */
export interface EventNames {
  /** `Source` in Logpush. */
  readonly source: string;
  /** The service in the dashboard. */
  readonly service: string;
}

/**
 * The phases whose rules leave Security Events.
 * Source: developers.cloudflare.com/logs/logpush (firewall_events) and /waf/analytics (asOf 2026-11).
 */
export const EVENT_NAMES: ReadonlyMap<string, EventNames> = new Map<string, EventNames>([
  [CUSTOM_RULES_PHASE, { source: "firewallcustom", service: "Custom rules" }],
  [RATE_LIMITS_PHASE, { source: "ratelimit", service: "Rate limiting rules" }],
  [TOKEN_RULES_PHASE, { source: "apishieldtokenvalidation", service: "API Shield - Token Validation" }],
]);

/** The names of the phases before the origin, in Cloudflare's order. */
export const REQUEST_PHASES: readonly string[] = PHASES.filter((row) => row.side === "request").map(
  (row) => row.name,
);
