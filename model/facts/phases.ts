/** The phases that hold rules of ours (Cloudflare: Ruleset Engine, phases list, 2026-11). */
export const CUSTOM_PHASE = "http_request_firewall_custom";
export const RATE_LIMIT_PHASE = "http_ratelimit";

/** In the order in which a request passes them. */
export const PHASES = [CUSTOM_PHASE, RATE_LIMIT_PHASE] as const;
export type Phase = (typeof PHASES)[number];

/** Something for each phase. */
export function forPhases<T>(of: (phase: Phase) => T): Record<Phase, T> {
  return { [CUSTOM_PHASE]: of(CUSTOM_PHASE), [RATE_LIMIT_PHASE]: of(RATE_LIMIT_PHASE) };
}

/**
 * Phases that a request passes before ours and in which rules can answer it or change its URL, in order. Bulk
 * redirects (`http_request_redirect`) come after ours.
 */
export const EARLIER_PHASES = [
  { phase: "http_request_dynamic_redirect", does: "redirects requests" },
  { phase: "http_request_transform", does: "rewrites requests" },
] as const;
