/**
 * What of the edge's judgement is a number. Documented: "exp" and "nbf" with up to 60 seconds
 * (developers.cloudflare.com/api-shield/security/jwt-validation, 2026-11).
 */
export const leewaySeconds = 60;

/**
 * What Cloudflare does not document and a verifier has to decide. Each row is the pessimistic answer: a token
 * that passes here relies on none of them. As of 2026-11.
 */
export const edgeChoices = {
  leewayEnd: {
    taken: "refused at exactly exp + 60 s",
    reason: "RFC 7519 §4.1.4: now must be before `exp`; the leeway moves it",
  },
  timeForm: {
    taken: "whole numbers up to 2^53 − 1 only",
    reason: "integer parsers are common, and no honest issuer needs others",
  },
  duplicateMembers: {
    taken: "refused",
    reason: "RFC 7519 §4 allows either, and two readings of one token make an attack",
  },
  unusedBits: { taken: "refused", reason: "RFC 4648 §3.5: otherwise one signature has several spellings" },
  bearerCase: {
    taken: "only `Bearer ` and `Bearer: ` are dropped",
    reason: "no other spelling is documented",
  },
  macEncoding: {
    taken: "standard Base64 of a link's MAC has to be URL-encoded in full",
    reason: "the documentation says it must be",
  },
  maxBytes: { taken: 16_384, reason: "Cloudflare's limit for one request header" },
  maxDepth: { taken: 32, reason: "no limit is published; honest claims are flat" },
} as const;
