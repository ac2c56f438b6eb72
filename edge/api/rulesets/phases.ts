/** A phase that can hold rulesets, and the actions its rules may have. */
export interface RulesetPhase {
  readonly name: string;
  readonly actions: readonly string[];
  /** The permission that its rulesets ask for; default: that of the WAF. */
  readonly permission?: "transformRules" | "customErrors";
  /** Whether rulesets of kind `custom` exist in it. */
  readonly custom: boolean;
}

/** The actions that ask a client to prove itself. */
export const challengeActions: readonly string[] = ["challenge", "js_challenge", "managed_challenge"];

/**
 * Phases and their actions. Source: types of the official SDK cloudflare 7.3.0 (phases, actions) and
 * developers.cloudflare.com: ruleset-engine/rules-language/actions (asOf 2026-11). The `api_gateway` phases
 * are missing on purpose: token validation is not a ruleset.
 */
export const rulesetPhases: readonly RulesetPhase[] = [
  { name: "ddos_l4", actions: ["execute"], custom: false },
  { name: "ddos_l7", actions: ["execute"], custom: false },
  { name: "http_config_settings", actions: ["set_config"], custom: false },
  { name: "http_custom_errors", actions: ["serve_error"], permission: "customErrors", custom: true },
  { name: "http_log_custom_fields", actions: ["log_custom_field"], custom: false },
  { name: "http_ratelimit", actions: ["block", ...challengeActions, "log", "execute"], custom: true },
  { name: "http_request_cache_settings", actions: ["set_cache_settings"], custom: false },
  { name: "http_request_dynamic_redirect", actions: ["redirect"], custom: false },
  {
    name: "http_request_firewall_custom",
    actions: ["block", ...challengeActions, "log", "skip", "execute"],
    custom: true,
  },
  {
    name: "http_request_firewall_managed",
    actions: ["execute", "skip", "block", ...challengeActions, "log", "score"],
    custom: true,
  },
  { name: "http_request_late_transform", actions: ["rewrite"], permission: "transformRules", custom: false },
  { name: "http_request_origin", actions: ["route"], custom: false },
  { name: "http_request_redirect", actions: ["redirect"], custom: true },
  { name: "http_request_sanitize", actions: ["execute"], custom: false },
  { name: "http_request_sbfm", actions: ["skip", "block", ...challengeActions, "log"], custom: false },
  { name: "http_request_transform", actions: ["rewrite"], permission: "transformRules", custom: false },
  {
    name: "http_response_cache_settings",
    actions: ["set_cache_settings", "set_cache_control", "set_cache_tags"],
    custom: false,
  },
  { name: "http_response_compression", actions: ["compress_response"], custom: false },
  { name: "http_response_firewall_managed", actions: ["execute", "skip", "block", "log"], custom: false },
  {
    name: "http_response_headers_transform",
    actions: ["rewrite"],
    permission: "transformRules",
    custom: false,
  },
  { name: "magic_transit", actions: ["block", "skip", "log", "execute"], custom: true },
  { name: "magic_transit_ids_managed", actions: ["execute"], custom: false },
  { name: "magic_transit_managed", actions: ["execute"], custom: false },
  { name: "magic_transit_ratelimit", actions: ["block", "log"], custom: false },
];

/** The row of a phase, or undefined. */
export function rulesetPhase(name: string): RulesetPhase | undefined {
  return rulesetPhases.find((phase) => phase.name === name);
}
