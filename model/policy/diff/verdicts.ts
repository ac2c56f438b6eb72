import type { Position } from "../../problem/problem.ts";
import { evaluate, type PolicyRequest, type Verdict } from "../evaluate.ts";
import { narrowing } from "../narrow.ts";
import { policyFor } from "../policy.ts";
import type { During, HostPolicy } from "../types.ts";
import { canonical } from "./expressions.ts";
import { holdersOf } from "./holders.ts";
import { type Target, targetsOf } from "./requests.ts";

/** How requests come off: from the most to the least that a reader has to know of. */
export const OUTCOMES = ["opens", "closes", "another answer", "another rule"] as const;

/** Requests that get another verdict in one way. */
export interface VerdictChange {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly before: Answer;
  readonly after: Answer;
  /** How many of those that were compared. */
  readonly requests: number;
  /** The first of them; a policy test's where there is one. */
  readonly example: Example;
  /** When they do; missing where they do at any time. */
  readonly during?: During;
}

/** A request that is compared; with the policy test that it is from. */
export interface Example extends PolicyRequest {
  readonly test?: { readonly name: string; readonly at: Position };
}

/** What of a verdict is compared. */
export interface Answer {
  /** `passes`, or each status with the rule that answers it, and where raw expressions answer otherwise. */
  readonly answer: string;
  /** Ids of the rules that decide; none where nothing lists the request. */
  readonly decidedBy: readonly string[];
}

export interface Comparison {
  /** How many requests were compared. */
  readonly requests: number;
  readonly verdicts: readonly VerdictChange[];
  /** Endpoints on which some derived request opens, and some closes: the rules that decide there, by host and id. */
  readonly opened: readonly string[];
  readonly closed: readonly string[];
}

/**
 * What two sets of policies answer to the same requests, which come from both and from policy tests. A host that one
 * side does not have is not guarded there. How often a limit counts is no verdict.
 *
 * @param renamed ids of earlier rules → the ids that they have now
 * @param tested requests of policy tests; what opens and closes is counted without them, so that it is the same for
 *   whoever has the definitions alone
 */
export function compareVerdicts(
  before: readonly HostPolicy[],
  after: readonly HostPolicy[],
  renamed: ReadonlyMap<string, string>,
  tested: readonly Example[] = [],
): Comparison {
  const derived = new Set([...after, ...before].map(({ host }) => host.sample));
  const hosts = [...new Set([...derived, ...tested.map((request) => request.host)])];
  const groups = new Map<string, VerdictChange>();
  const endpoints = { opens: new Set<string>(), closes: new Set<string>() };
  let requests = 0;
  for (const host of hosts) {
    const ofHost = (policies: readonly HostPolicy[]) => [policyFor(policies, host) ?? []].flat();
    const [old, now] = [ofHost(before), ofHost(after)];
    const [oldAt, nowAt] = [old, now].map((policies) =>
      policies.map((policy) => narrowing(withCanonical(policy))),
    );
    const near = (target: Target) => [oldAt, nowAt].map((all) => all?.map((narrow) => narrow(target)) ?? []);
    const compare = (request: Example, [a = [], b = []]: readonly (readonly HostPolicy[])[]) => {
      requests += 1;
      const [was, is] = [answerOf(a, request, renamed), answerOf(b, request, NONE)];
      const outcome = outcomeOf(was, is);
      if (outcome === undefined) return;
      if ((outcome === "opens" || outcome === "closes") && request.test === undefined)
        for (const id of endpointsOf(was, is)) endpoints[outcome].add(`${host} ${id}`);
      const change = { outcome, before: shown(was), after: shown(is), requests: 1, example: request };
      const key = JSON.stringify([host, outcome, change.before, change.after]);
      const known = groups.get(key);
      groups.set(key, known === undefined ? change : { ...known, requests: known.requests + 1 });
    };
    for (const request of tested) if (request.host === host) compare(request, near(request));
    for (const target of derived.has(host) ? targetsOf([...old, ...now]) : []) {
      const policies = near(target);
      const plain = { host, ...target };
      for (const holdings of holdersOf(policies.flat(), plain)) compare({ ...plain, ...holdings }, policies);
    }
  }
  const verdicts = [...groups.values()];
  return {
    requests,
    verdicts: OUTCOMES.flatMap((each) => verdicts.filter(({ outcome }) => outcome === each)),
    opened: [...endpoints.opens].sort(),
    closed: [...endpoints.closes].sort(),
  };
}

/** Where a request arrives: at the rules that decide now or decided; where none does, at what refuses. */
function endpointsOf(was: Seen, is: Seen): readonly string[] {
  const [deciding] = [is.decidedBy, was.decidedBy].filter((ids) => ids.length > 0);
  return deciding ?? [...was.by, ...is.by];
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Expressions as what they say, whatever their spelling. */
function withCanonical(policy: HostPolicy): HostPolicy {
  const conditions = policy.conditions.map((decision) => ({
    ...decision,
    rule: { ...decision.rule, expression: canonical(decision.rule.expression ?? "") },
  }));
  return { ...policy, conditions };
}

interface Seen {
  readonly refusals: readonly string[];
  /** What answers, by id. */
  readonly by: readonly string[];
  readonly statuses: string;
  readonly conditional: readonly string[];
  readonly decidedBy: readonly string[];
}

function answerOf(
  policies: readonly HostPolicy[],
  request: PolicyRequest,
  renamed: ReadonlyMap<string, string>,
): Seen {
  const verdicts = policies.map((policy): Verdict => evaluate(policy, request));
  const nameOf = (id: string) => renamed.get(id) ?? id;
  const answer = ({ status, by }: Verdict["refusals"][number]) => `${status} ${nameOf(by)}`;
  const refusals = verdicts.flatMap((verdict) => verdict.refusals);
  const conditional = verdicts.flatMap((verdict) => verdict.conditional);
  return {
    refusals: refusals.map(answer).sort(),
    by: [...refusals, ...conditional.map(({ refusal }) => refusal)].map(({ by }) => nameOf(by)),
    statuses: [...new Set(refusals.map(({ status }) => status))].sort().join(),
    conditional: conditional
      .map(({ expression, refusal }) => `${answer(refusal)} where ${expression}`)
      .sort(),
    decidedBy: verdicts.flatMap(({ decides }) => decides.map(({ rule }) => nameOf(rule.id))),
  };
}

/** Where both refuse, what a raw expression would answer instead changes little. */
function outcomeOf(a: Seen, b: Seen): VerdictChange["outcome"] | undefined {
  const [was, is] = [a, b].map(({ refusals }) => refusals.length > 0);
  if (was !== is) return was ? "opens" : "closes";
  if (was && a.statuses !== b.statuses) return "another answer";
  const lost = was ? [] : a.conditional.filter((each) => !b.conditional.includes(each));
  const gained = was ? [] : b.conditional.filter((each) => !a.conditional.includes(each));
  if (lost.length > 0 && gained.length > 0) return "another answer";
  if (lost.length > 0) return "opens";
  if (gained.length > 0) return "closes";
  const same = a.refusals.join() === b.refusals.join() && a.decidedBy.join() === b.decidedBy.join();
  return same ? undefined : "another rule";
}

function shown({ refusals, conditional, decidedBy }: Seen): Answer {
  const answers = refusals.length > 0 ? refusals : ["passes", ...conditional];
  return { answer: answers.join(", or "), decidedBy };
}
