/** What of the edge's judgement is a number, with its source. */
export const edgeFacts = {
  /** Seconds that `exp` may lie back and `nbf` ahead; accepted at exactly this distance. */
  leewaySeconds: 60,
  source: "developers.cloudflare.com/api-shield/security/jwt-validation: exp and nbf, up to 60 seconds",
  asOf: "2026-11",
} as const;
