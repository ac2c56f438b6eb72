import { PHASES, TOKEN_RULES_PHASE } from "../language/index.ts";

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
export const EVENT_NAMES: ReadonlyMap<string, EventNames> = new Map([
  ["http_request_firewall_custom", { source: "firewallcustom", service: "Custom rules" }],
  ["http_ratelimit", { source: "ratelimit", service: "Rate limiting rules" }],
  [TOKEN_RULES_PHASE, { source: "apishieldtokenvalidation", service: "API Shield - Token Validation" }],
]);

/** The names of the phases before the origin, in Cloudflare's order. */
export const REQUEST_PHASES: readonly string[] = PHASES.filter((row) => row.side === "request").map(
  (row) => row.name,
);
