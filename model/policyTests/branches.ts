import { type Condition, conditionsOf, textsOf } from "../policy/conditions.ts";
import { judge, type PolicyRequest, unmetOf, type Verdict } from "../policy/evaluate.ts";
import { limitsCounting } from "../policy/limits.ts";
import { isAsHard, policyFor } from "../policy/policy.ts";
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
 * answer.
 */
export function branchCoverage(
  policies: readonly HostPolicy[],
  observations: readonly Observation[],
): BranchCoverage {
  const rules = policies.flatMap((policy) => {
    const { host } = policy.host;
    const seen = new Set(
      observations
        .filter(({ request }) => policyFor(policies, request.host) === policy)
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
const WITHIN = "within its limit";
const OVER = "over its limit";
/** What stands behind the id of a rule whose limit decided. */
export const BY_LIMIT = " (rate limit)";

function branchesOf(policy: HostPolicy): Branch[] {
  const { decisions, always, conditions, limits, ambiguous, host } = policy;
  return [
    ...[...decisions, ...always].flatMap(({ rule, mode }): Branch[] =>
      mode === "log"
        ? [[rule.id, LOGS]]
        : [
            ...passing(conditionsOf(rule.require)).map(({ name }): Branch => [rule.id, name]),
            ...textsOf(conditionsOf(rule.require)).map((each): Branch => [rule.id, without(each)]),
          ],
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
    ...limits.flatMap(({ rule, mode }): Branch[] =>
      mode === "log"
        ? []
        : [
            [rule.id, WITHIN],
            [rule.id, OVER],
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
    const conditions = conditionsOf(rule.require);
    const [first] = unmet;
    const names = textsOf(conditions);
    if (first === undefined) {
      const [told, another] = conditions.filter((each) => judge(each, policy, request) !== true);
      // The answer says what Cloudflare's language told; of two conditions it does not say which.
      const isRefused = refusals.length === 0 && !passes && seen.by.includes(rule.id);
      if (isRefused && told !== undefined && another === undefined)
        return [[rule.id, without(names[conditions.indexOf(told)] ?? "")]];
      const isUsed = ({ alternative }: Passing) =>
        alternative.every((each) => judge(each, policy, request) !== false);
      return passes
        ? passing(conditions)
            .filter(isUsed)
            .map(({ name }): Branch => [rule.id, name])
        : [];
    }
    // Without a token nothing that it should say can be met.
    const others = unmet.filter((each) => each !== first && !isSaidBy(each, first));
    return others.length === 0 ? [[rule.id, without(names[conditions.indexOf(first)] ?? "")]] : [];
  });
  for (const { refusal } of conditional) {
    if (passes) branches.push([refusal.by, HOLDS_NOT]);
    else if (refusals.length === 0 && seen.by.includes(refusal.by)) branches.push([refusal.by, HOLDS]);
  }
  for (const { rule, mode } of limitsCounting(verdict, request)) {
    if (mode === "log") continue;
    if (passes) branches.push([rule.id, WITHIN]);
    else if (refusals.length === 0 && seen.by.includes(`${rule.id}${BY_LIMIT}`))
      branches.push([rule.id, OVER]);
  }
  if (passes && decides.length === 0) branches.push(["otherwise", otherwiseOf(policy)]);
  return branches;
}

/** A way to pass a rule, as far as its choices go, and what it takes. */
interface Passing {
  readonly name: string;
  readonly alternative: readonly Condition[];
}

/** That a rule lets a request by; where it leaves a choice, with each alternative. */
function passing(conditions: readonly Condition[]): readonly Passing[] {
  const choices = conditions.flatMap((condition) => (condition.kind === "any" ? condition.of : []));
  if (choices.length === 0) return [{ name: PASSES, alternative: [] }];
  return choices.map((alternative) => ({
    name: `${PASSES} with ${textsOf(alternative, conditions).join(", ")}`,
    alternative,
  }));
}

/** Whether a condition looks at what a token says that another one asks for. */
function isSaidBy(condition: Condition, token: Condition): boolean {
  if (token.kind !== "token") return false;
  return condition.kind === "any"
    ? condition.of.every((each) => each.some((inner) => isSaidBy(inner, token)))
    : (condition.kind === "scope" || condition.kind === "claim") && condition.ring === token.ring;
}

function without(condition: string): string {
  return `without ${condition}`;
}

function otherwiseOf({ otherwise }: HostPolicy): string {
  if (otherwise === undefined) return PASSES;
  return isAsHard(otherwise, "challenge") ? REFUSES : LOGS;
}
