import { compareMatches, covers, overlap } from "../definition/paths.ts";
import { leavesOf } from "../definition/requirementTree.ts";
import type { Exception, Match, Rule } from "../definition/types.ts";
import { MODES } from "../definition/types.ts";
import type { Acceptable } from "../facts/pathTricks.ts";
import type { Decision, HostPolicy } from "./types.ts";

/** Requests of a match that pass though they are ambiguous in one way. */
export interface Acceptance {
  readonly kind: Acceptable;
  readonly match: Match;
}

type Guarding = Pick<HostPolicy, "decisions" | "always" | "conditions" | "limits" | "host">;

/**
 * What a policy accepts. A rule accepts only where it has the requests to itself, in whatever way they are read: no more
 * specific rule, expression or exception matches some of them, and what holds besides matches all of them.
 */
export function acceptancesOf(policy: Guarding): readonly Acceptance[] {
  return policy.decisions.flatMap((decision) =>
    decision.rule.accepts
      .filter((kind) => sharedWith(decision, kind, policy) === undefined)
      .map((kind) => ({ kind, match: decision.match })),
  );
}

/** The rule or exception for which a decision cannot accept something. */
export function sharedWith(
  decision: Decision,
  kind: Acceptable,
  { decisions, always, conditions, limits, host }: Guarding,
): Rule | Exception | undefined {
  const { rule, match, mode } = decision;
  const meets = (other: Decision) => overlap(other.match, match);
  // A broader rule has none of the requests, where this one acts as hard.
  const isBroader = (other: Decision) =>
    compareMatches(match, other.match) < 0 && MODES.indexOf(mode) >= MODES.indexOf(other.mode);
  const shares = [
    ...decisions.filter((other) => other.rule !== rule && meets(other) && !isBroader(other)),
    ...always.filter((other) => meets(other) && !(covers(other.match, match) && isBlind(other.rule, kind))),
    ...conditions.filter(meets),
    ...limits.filter((other) => meets(other) && !(covers(other.match, match) && isBlind(other.rule, kind))),
  ];
  return (
    shares[0]?.rule ?? host.exceptions.find((each) => each.matches.some((other) => overlap(other, match)))
  );
}

/** Whether what a rule asks or counts is the same in each reading of what is accepted. */
function isBlind({ require, rateLimit }: Rule, kind: Acceptable): boolean {
  const asked = leavesOf(require).map((leaf) => leaf.kind);
  // What a raw condition looks at is not known.
  if (asked.includes("where")) return false;
  if (kind !== "second-token") return true;
  return !asked.includes("token") && !asked.includes("absent") && rateLimit?.per.kind !== "claim";
}
