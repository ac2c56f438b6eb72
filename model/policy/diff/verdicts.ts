import { evaluate, type PolicyRequest, type Verdict } from "../evaluate.ts";
import { narrowing } from "../narrow.ts";
import type { HostPolicy } from "../types.ts";
import { type Holdings, holdersOf } from "./holders.ts";
import { targetsOf } from "./requests.ts";
import { canonical } from "./things.ts";

/** How requests come off: from the most to the least that a reader has to know of. */
export const OUTCOMES = ["opens", "closes", "another answer", "another rule"] as const;

/** Requests that get another verdict in one way. */
export interface VerdictChange {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly before: Answer;
  readonly after: Answer;
  /** How many of those that were compared. */
  readonly requests: number;
  /** The first of them. */
  readonly example: PolicyRequest;
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
}

/**
 * What two sets of policies answer to the same requests, which come from both. A host that one side does not have is
 * not guarded there. How often a limit counts is no verdict.
 *
 * @param renamed ids of earlier rules → the ids that they have now
 */
export function compareVerdicts(
  before: readonly HostPolicy[],
  after: readonly HostPolicy[],
  renamed: ReadonlyMap<string, string>,
): Comparison {
  const hosts = [...new Set([...after, ...before].map(({ host }) => host.host))];
  const groups = new Map<string, VerdictChange>();
  let requests = 0;
  for (const host of hosts) {
    const ofHost = (policies: readonly HostPolicy[]) =>
      policies.filter((policy) => policy.host.host === host);
    const [old, now] = [ofHost(before), ofHost(after)];
    const [oldAt, nowAt] = [old, now].map((policies) =>
      policies.map((policy) => narrowing(withCanonical(policy))),
    );
    for (const target of targetsOf([...old, ...now])) {
      const [a = [], b = []] = [oldAt, nowAt].map((all) => all?.map((narrow) => narrow(target)));
      const plain = { host, ...target };
      for (const holdings of holdersOf([...a, ...b], plain)) {
        const request = { ...plain, ...holdings };
        requests += 1;
        const [was, is] = [answerOf(a, request, renamed), answerOf(b, request, NONE)];
        const outcome = outcomeOf(was, is);
        if (outcome === undefined) continue;
        const change = { outcome, before: shown(was), after: shown(is), requests: 1, example: request };
        const key = JSON.stringify([host, outcome, change.before, change.after]);
        const known = groups.get(key);
        groups.set(key, known === undefined ? change : { ...known, requests: known.requests + 1 });
      }
    }
  }
  const verdicts = [...groups.values()];
  return {
    requests,
    verdicts: OUTCOMES.flatMap((each) => verdicts.filter(({ outcome }) => outcome === each)),
  };
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
  readonly statuses: string;
  readonly conditional: readonly string[];
  readonly decidedBy: readonly string[];
}

function answerOf(
  policies: readonly HostPolicy[],
  request: PolicyRequest & Holdings,
  renamed: ReadonlyMap<string, string>,
): Seen {
  const verdicts = policies.map((policy): Verdict => evaluate(policy, request));
  const nameOf = (id: string) => renamed.get(id) ?? id;
  const answer = ({ status, by }: Verdict["refusals"][number]) => `${status} ${nameOf(by)}`;
  const refusals = verdicts.flatMap((verdict) => verdict.refusals);
  return {
    refusals: refusals.map(answer).sort(),
    statuses: [...new Set(refusals.map(({ status }) => status))].sort().join(),
    conditional: verdicts
      .flatMap((verdict) => verdict.conditional)
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
