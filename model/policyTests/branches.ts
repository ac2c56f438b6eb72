import { type PolicyRequest, unmetOf, type Verdict } from "../policy/evaluate.ts";
import { conditionsOf } from "../policy/findings.ts";
import { isAsHard } from "../policy/policy.ts";
import type { HostPolicy } from "../policy/types.ts";

/** A request, what the policy wants for it, and what the compiled rules did. */
export interface Observation {
  readonly request: PolicyRequest;
  readonly verdict: Verdict;
  readonly seen: { readonly status: "passes" | number; readonly by: readonly string[] };
}

/** The branches of one rule, or of what a host brings by itself (`otherwise`, `ambiguous`, `cors`, an exception). */
export interface RuleBranches {
  readonly host: string;
  readonly rule: string;
  readonly covered: readonly string[];
  readonly uncovered: readonly string[];
}

export interface BranchCoverage {
  readonly covered: number;
  readonly total: number;
  readonly rules: readonly RuleBranches[];
}

/** An id and the name of one of its branches. */
type Branch = readonly [id: string, name: string];

/**
 * Which branches of which rules requests bring about: that a rule lets one by, and each way in which it refuses. A
 * scope or claim counts only where it alone is missing: without the condition, the request would have got another
 * answer. Rate limits are not counted, since a test is one request.
 */
export function branchCoverage(
  policies: readonly HostPolicy[],
  observations: readonly Observation[],
): BranchCoverage {
  const rules = policies.flatMap((policy) => {
    const { host } = policy.host;
    const seen = new Set(
      observations
        .filter(({ request }) => request.host === host)
        .flatMap((each) => broughtAbout(policy, each).map(String)),
    );
    const names = new Map<string, Set<string>>();
    for (const [id, name] of branchesOf(policy)) names.set(id, (names.get(id) ?? new Set()).add(name));
    return [...names].map(([rule, all]): RuleBranches => {
      const isCovered = (name: string) => seen.has(String([rule, name]));
      return {
        host,
        rule,
        covered: [...all].filter(isCovered),
        uncovered: [...all].filter((name) => !isCovered(name)),
      };
    });
  });
  const covered = rules.reduce((sum, rule) => sum + rule.covered.length, 0);
  return { covered, total: covered + rules.reduce((sum, rule) => sum + rule.uncovered.length, 0), rules };
}

const PASSES = "passes";
const REFUSES = "refuses";
const LOGS = "only logs";
const HOLDS = "its expression holds";
const HOLDS_NOT = "its expression does not hold";

function branchesOf(policy: HostPolicy): Branch[] {
  const { decisions, always, conditions, ambiguous, host } = policy;
  return [
    ...[...decisions, ...always].flatMap(({ rule, mode }): Branch[] =>
      mode === "log"
        ? [[rule.id, LOGS]]
        : [[rule.id, PASSES], ...conditionsOf(rule.require).map((each): Branch => [rule.id, without(each)])],
    ),
    ...conditions.flatMap(({ rule, mode }): Branch[] =>
      // One that only logs leaves no trace in an answer.
      mode === "log"
        ? []
        : [
            [rule.id, HOLDS],
            [rule.id, HOLDS_NOT],
          ],
    ),
    ...host.exceptions.map(({ id }): Branch => [id, PASSES]),
    ...(host.preflight ? [["cors", PASSES] as const] : []),
    ["otherwise", otherwiseOf(policy)],
    ...(isAsHard(ambiguous, "challenge") ? [["ambiguous", REFUSES] as const] : []),
  ];
}

function broughtAbout(policy: HostPolicy, { request, verdict, seen }: Observation): Branch[] {
  const { refusals, conditional, decides, besides, opened } = verdict;
  const passes = seen.status === "passes" && refusals.length === 0;
  if (opened !== undefined) return [[opened, PASSES]];
  const own = refusals.filter(({ by }) => by === "ambiguous" || by === "otherwise");
  if (own.length > 0) return own.map(({ by }) => [by, REFUSES]);
  const branches = [...decides, ...besides].flatMap((decision): Branch[] => {
    const { rule, mode } = decision;
    if (mode === "log") return [[rule.id, LOGS]];
    const unmet = unmetOf(decision, policy, request);
    const [first] = unmet;
    if (first === undefined) return passes ? [[rule.id, PASSES]] : [];
    // Without the token or link itself none of the others can be met.
    return unmet.length === 1 || first === conditionsOf(rule.require)[0] ? [[rule.id, without(first)]] : [];
  });
  for (const { refusal } of conditional) {
    if (passes) branches.push([refusal.by, HOLDS_NOT]);
    else if (refusals.length === 0 && seen.by.includes(refusal.by)) branches.push([refusal.by, HOLDS]);
  }
  if (passes && decides.length === 0) branches.push(["otherwise", otherwiseOf(policy)]);
  return branches;
}

function without(condition: string): string {
  return `without ${condition}`;
}

function otherwiseOf({ otherwise }: HostPolicy): string {
  if (otherwise === undefined) return PASSES;
  return isAsHard(otherwise, "challenge") ? REFUSES : LOGS;
}
