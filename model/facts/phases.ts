/** The phases that hold rules of ours (Cloudflare: Ruleset Engine, phases list, 2026-11). */
export const CUSTOM_PHASE = "http_request_firewall_custom";
export const RATE_LIMIT_PHASE = "http_ratelimit";

/**
 * Phases that a request passes before ours and in which rules can answer it or change its URL, in order. Bulk
 * redirects (`http_request_redirect`) come after ours.
 */
export const EARLIER_PHASES = [
  { phase: "http_request_dynamic_redirect", does: "redirects requests" },
  { phase: "http_request_transform", does: "rewrites requests" },
] as const;
