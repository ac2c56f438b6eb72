/** When a phase runs, and whether the answer of the origin is at hand there. */
interface PhaseRow {
  readonly name: string;
  readonly side: "request" | "response";
}

/**
 * Phases with expressions, in the order they run.
 * Source: developers.cloudflare.com: ruleset-engine/reference/phases-list, 2026-11.
 */
export const PHASES = [
  { name: "http_request_sanitize", side: "request" },
  { name: "http_request_dynamic_redirect", side: "request" },
  { name: "http_request_transform", side: "request" },
  { name: "http_config_settings", side: "request" },
  { name: "http_request_origin", side: "request" },
  { name: "ddos_l7", side: "request" },
  { name: "http_request_firewall_custom", side: "request" },
  { name: "http_ratelimit", side: "request" },
  { name: "http_request_api_gateway_late", side: "request" },
  { name: "http_request_firewall_managed", side: "request" },
  { name: "http_request_sbfm", side: "request" },
  { name: "http_request_redirect", side: "request" },
  { name: "http_request_late_transform", side: "request" },
  { name: "http_request_cache_settings", side: "request" },
  { name: "http_request_snippets", side: "request" },
  { name: "http_request_cloud_connector", side: "request" },
  { name: "http_custom_errors", side: "response" },
  { name: "http_response_headers_transform", side: "response" },
  { name: "http_response_compression", side: "response" },
  { name: "http_response_firewall_managed", side: "response" },
  { name: "http_log_custom_fields", side: "response" },
] as const satisfies readonly PhaseRow[];

export type PhaseName = (typeof PHASES)[number]["name"];

/** Token validation rules are no ruleset; their expressions are checked under this phase. */
export const TOKEN_RULES_PHASE = "http_request_api_gateway_late";

/** Phases that may read the origin's answer. */
export const responsePhases: readonly string[] = PHASES.filter((row) => row.side === "response").map(
  (row) => row.name,
);

/** Phases whose rules build values or choose targets: rewrites, header transforms, redirects. */
export const transformPhases: readonly string[] = [
  "http_request_transform",
  "http_request_late_transform",
  "http_response_headers_transform",
];
export const redirectPhases: readonly string[] = ["http_request_dynamic_redirect", "http_request_redirect"];
