import type { Ring } from "../definition/types.ts";
import { formatDuration } from "../facts/durations.ts";
import { RESERVED_KEYS, rotationDefaults } from "../facts/rotationDefaults.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";

/** The waits of one ring, all in seconds, and where each comes from. */
export interface RotationPolicy {
  /** R: from one planned rotation to the next. */
  readonly everySeconds: number;
  /** W: from the read-back of a key to its first production token. */
  readonly leadSeconds: number;
  /**
   * O: from the acknowledged promotion to the retirement. Pass the highest lifetime that applied while the
   * retiring key was signing; a lower one today never shortens a running overlap.
   */
  readonly overlapSeconds: (lifetimeSeconds: number) => number;
  /** L: how long after a promotion an issuer may still sign with the old key. */
  readonly signerLagSeconds: number;
  /** P: until the last point of presence has learned of a change. */
  readonly propagationSeconds: number;
  /** C: how long others may use a cached JWKS; 0 when none is published. */
  readonly consumersCacheSeconds: number;
  /** Bounds on how far a clock is off. */
  readonly skewSeconds: { readonly controller: number; readonly signer: number; readonly edge: number };
  /** λ: what the edge adds to `exp`; 0 for links. */
  readonly leewaySeconds: number;
  /** How long a canary's evidence may be used. */
  readonly evidenceSeconds: number;
  /** Δ: from one run of `rotate` to the next. */
  readonly tickSeconds: number;
  /** The longest lifetime of a token or link of the ring, as defined now. */
  readonly lifetimeSeconds: number;
  /** N: keys present at once in ordinary rotation. */
  readonly keysPresent: number;
  /** How each value was found, by member name. */
  readonly derivation: Readonly<Record<string, string>>;
}

/** The terms that the formulas start from, in seconds. */
export type RotationDefaults = { readonly [Name in keyof typeof rotationDefaults]: number };

/** The rows of the default table as plain seconds. */
export function defaultTerms(): RotationDefaults {
  return Object.fromEntries(
    Object.entries(rotationDefaults).map(([name, row]) => [name, row.seconds]),
  ) as RotationDefaults;
}

/**
 * The waits of a ring, from its definition and the defaults.
 *
 * W = max(P, C) + 2 controller skews. O = L + lifetime + signer skew + leeway + edge skew + 2 controller skews.
 * A stated lead wins even where `rotationProblems` refuses it; a stated overlap is never used below the formula.
 */
export function rotationPolicy(ring: Ring, terms: RotationDefaults = defaultTerms()): RotationPolicy {
  const { rotation } = ring;
  const hasConsumers = ring.kind === "jwt" && (ring.publishJwks || rotation.consumersCache !== undefined);
  const propagation = rotation.propagation ?? terms.propagation;
  const consumersCache = hasConsumers ? (rotation.consumersCache ?? terms.consumersCache) : 0;
  const signerLag = rotation.signerLag ?? terms.signerLag;
  const leeway = { jwt: terms.leeway, mirror: terms.leeway, hmac: 0 }[ring.kind];
  const lifetime = longestLifetime(ring);
  const leadLeast = Math.max(propagation, consumersCache) + 2 * terms.skewController;
  const leadUsual = hasConsumers ? terms.leadWithConsumers : terms.leadEdgeOnly;
  const lead = rotation.lead ?? Math.max(leadLeast, leadUsual);
  const overlapLeast = (lifetimeSeconds: number) =>
    signerLag + lifetimeSeconds + terms.skewSigner + leeway + terms.skewEdge + 2 * terms.skewController;
  const overlap = (lifetimeSeconds: number) =>
    Math.max(overlapLeast(lifetimeSeconds), rotation.overlap ?? terms.overlapFloor);
  const keysPresent = Math.ceil((rotation.every + lead + overlap(lifetime)) / rotation.every);
  const stated = (name: string, otherwise: string) =>
    rotation.at[name] === undefined ? otherwise : "stated in the definition";
  return {
    everySeconds: rotation.every,
    leadSeconds: lead,
    overlapSeconds: overlap,
    signerLagSeconds: signerLag,
    propagationSeconds: propagation,
    consumersCacheSeconds: consumersCache,
    skewSeconds: { controller: terms.skewController, signer: terms.skewSigner, edge: terms.skewEdge },
    leewaySeconds: leeway,
    evidenceSeconds: terms.evidence,
    tickSeconds: terms.tick,
    lifetimeSeconds: lifetime,
    keysPresent,
    derivation: {
      everySeconds: "stated in the definition",
      leadSeconds: stated(
        "lead",
        `the larger of ${formatDuration(leadUsual)} and max(P ${formatDuration(propagation)}, C ${formatDuration(consumersCache)}) + 2 x ${formatDuration(terms.skewController)} controller skew`,
      ),
      overlapSeconds: `the larger of ${formatDuration(rotation.overlap ?? terms.overlapFloor)} and L ${formatDuration(signerLag)} + lifetime ${formatDuration(lifetime)} + signer skew ${formatDuration(terms.skewSigner)} + leeway ${formatDuration(leeway)} + edge skew ${formatDuration(terms.skewEdge)} + 2 x ${formatDuration(terms.skewController)} controller skew`,
      signerLagSeconds: stated("signerLag", "default"),
      propagationSeconds: stated("propagation", "default"),
      consumersCacheSeconds: hasConsumers ? stated("consumersCache", "default") : "only Cloudflare verifies",
      leewaySeconds: {
        jwt: "Cloudflare's leeway on exp",
        mirror: "Cloudflare's leeway on exp",
        hmac: "links have none",
      }[ring.kind],
      evidenceSeconds: "default",
      tickSeconds: "default",
      lifetimeSeconds: "stated in the definition",
      keysPresent: `(R + W + O) / R, rounded up`,
    },
  };
}

/**
 * What makes a ring's rotation unsafe or impossible, each with the value to change.
 *
 * @param keyLimit keys that one token configuration may hold (`keysPerConfiguration`); for an HMAC ring the
 *   number of branches that fit one rule is what counts, and this is not looked at
 */
export function rotationProblems(
  ring: Ring,
  keyLimit = Number.POSITIVE_INFINITY,
  terms: RotationDefaults = defaultTerms(),
): Problem[] {
  // Whoever makes the keys turns them.
  if (ring.kind === "mirror") return [];
  const policy = rotationPolicy(ring, terms);
  const { rotation } = ring;
  const problems: Problem[] = [];
  const at = (name: string) => rotation.at[name] ?? rotation.at.self ?? ring.at;
  const say = formatDuration;
  const leadLeast =
    Math.max(policy.propagationSeconds, policy.consumersCacheSeconds) + 2 * terms.skewController;
  if (policy.leadSeconds < leadLeast) {
    problems.push(
      problem(
        "ROTATION_LEAD_TOO_SHORT",
        at("lead"),
        `a lead of ${say(policy.leadSeconds)} is shorter than max(P ${say(policy.propagationSeconds)}, C ${say(policy.consumersCacheSeconds)}) + 2 x ${say(terms.skewController)}`,
        `raise lead to ${say(leadLeast)} or more, or leave it out`,
      ),
    );
  }
  const overlap = policy.overlapSeconds(policy.lifetimeSeconds);
  if (rotation.overlap !== undefined && rotation.overlap < overlap) {
    problems.push(
      problem(
        "ROTATION_OVERLAP_TOO_SHORT",
        at("overlap"),
        `an overlap of ${say(rotation.overlap)} would retire a key whose tokens live until ${say(overlap)} after the promotion`,
        `raise overlap to ${say(overlap)} or more, lower the lifetime, or leave overlap out`,
      ),
    );
  }
  if (overlap > terms.longestOverlap) {
    problems.push(
      problem(
        "ROTATION_OVERLAP_LONG",
        at("overlap"),
        `a retired key stays accepted for ${say(overlap)}`,
        "shorten the lifetime or the overlap, so that a stolen old key is worth less",
      ),
    );
  }
  if (terms.skewSigner + terms.skewEdge > terms.leeway) {
    problems.push(
      problem(
        "ROTATION_SKEW",
        at("self"),
        `the clocks of signer and edge may differ by ${say(terms.skewSigner + terms.skewEdge)}, more than the leeway of ${say(terms.leeway)}: fresh tokens would be refused by their nbf`,
        "keep the issuer's clock closer, or let it back-date nbf and iat",
      ),
    );
  }
  problems.push(...periodProblems(ring, policy, overlap, terms));
  const needed = policy.keysPresent + RESERVED_KEYS;
  if (ring.kind === "jwt" && needed > keyLimit) {
    problems.push(
      problem(
        "ROTATION_OVER_CAPACITY",
        at("every"),
        `${policy.keysPresent} keys at once and ${RESERVED_KEYS} in reserve are more than the ${keyLimit} that a token configuration holds`,
        "raise every, or shorten lead, overlap or the lifetime",
      ),
    );
  }
  return problems;
}

function periodProblems(
  ring: Ring,
  policy: RotationPolicy,
  overlap: number,
  terms: RotationDefaults,
): Problem[] {
  const { rotation } = ring;
  const at = rotation.at.every ?? ring.at;
  const say = formatDuration;
  const least = Math.max(policy.leadSeconds + overlap + 3 * terms.tick, terms.shortestPeriod);
  if (policy.everySeconds < least) {
    const isDefault = rotation.overlap === undefined && overlap === terms.overlapFloor;
    return [
      problem(
        "ROTATION_PERIOD_TOO_SHORT",
        at,
        `a period of ${say(policy.everySeconds)} is shorter than lead ${say(policy.leadSeconds)} + overlap ${say(overlap)} + 3 x ${say(terms.tick)}`,
        `raise every to ${say(least)} or more${isDefault ? `, or state an overlap below its default of ${say(terms.overlapFloor)}` : ", or shorten lead, overlap or the lifetime"}`,
      ),
    ];
  }
  if (!(policy.everySeconds > terms.longestPeriod)) return [];
  return [
    problem(
      "ROTATION_PERIOD_LONG",
      at,
      `keys would sign for ${say(policy.everySeconds)}`,
      "rotate at least once a year; 90d is usual",
    ),
  ];
}

/** The longest lifetime of a token or link of the ring, in seconds. */
function longestLifetime(ring: Ring): number {
  switch (ring.kind) {
    case "jwt":
    case "mirror":
      return ring.lifetime;
    case "hmac":
      return Math.max(ring.lifetime, ring.longestLifetime ?? 0);
  }
}
