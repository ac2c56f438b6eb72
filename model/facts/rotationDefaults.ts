/** One term of the rotation formulas: its default in seconds, and why. */
export interface RotationDefault {
  readonly seconds: number;
  readonly reason: string;
}

function row(seconds: number, reason: string): RotationDefault {
  return { seconds, reason };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Characters that a move's reason may have: the ledger is read with every run and keeps every one. */
export const MAX_REASON = 200;

/** Characters of the name under an attestation. */
export const MAX_NAME = 100;

/** What a definition may leave out, and the bounds of what it says. */
export const rotationDefaults = {
  /** P: from Cloudflare's acknowledgement to the last point of presence. */
  propagation: row(10 * MINUTE, "Cloudflare publishes no bound; take the longest seen times four"),
  /** Lead when only Cloudflare verifies. */
  leadEdgeOnly: row(15 * MINUTE, "a little over P and the clocks"),
  /** Lead when a JWKS is published for others. */
  leadWithConsumers: row(DAY, "identity providers announce a key about a day ahead"),
  /** C: how long others may use a cached JWKS. */
  consumersCache: row(DAY, "verifiers that cache a JWKS for a day are common"),
  /** L: how long an issuer may go on signing with the old key. */
  signerLag: row(15 * MINUTE, "no shorter than the slowest deploy of an issuer"),
  /** Shortest overlap unless the definition lowers it. */
  overlapFloor: row(DAY, "time for people to react"),
  skewController: row(30, "NTP or the HTTP Date header is checked against this"),
  skewSigner: row(30, "an issuer under NTP stays well inside"),
  skewEdge: row(5, "Cloudflare's own clocks"),
  /** λ: leeway of the edge on exp and nbf. */
  leeway: row(60, "developers.cloudflare.com/api-shield/security/jwt-validation: up to 60 s, as of 2026-11"),
  /** Δ: from one run of `rotate` to the next. */
  tick: row(15 * MINUTE, "the advised cron interval"),
  mirrorLook: row(DAY, "a mirrored ring turns by itself nowhere here: from one look at it to the next"),
  evidence: row(HOUR, "a canary's answer is not used later than this"),
  shortestPeriod: row(DAY, "rotating more often than daily hides problems rather than risk"),
  longestPeriod: row(365 * DAY, "NIST SP 800-57: signature keys one to three years"),
  longestOverlap: row(7 * DAY, "a retired key that stays accepted is a key that can be stolen"),
} as const satisfies Record<string, RotationDefault>;

/** Slots of a token configuration that an ordinary rotation leaves free for an emergency. */
export const RESERVED_KEYS = 1;
