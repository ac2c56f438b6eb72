import { overTime } from "../overTime.ts";
import type { HostPolicy } from "../types.ts";
import { type Change, changesOf, renamesOf } from "./changes.ts";
import { renameRings } from "./renameRings.ts";
import { type Side, thingsOf } from "./things.ts";
import { type Comparison, compareVerdicts, type Example, OUTCOMES } from "./verdicts.ts";

/** What two sets of definitions differ in: by what they say, and by what requests are answered. */
export interface PolicyDiff extends Comparison {
  readonly changes: readonly Change[];
  /** How many rules decided on some request before. */
  readonly endpoints: number;
}

/**
 * Compares two sides by the rules they name and by their verdicts. A ring that was renamed signs what it signed before.
 */
export function diffPolicies(before: Side, after: Side): PolicyDiff {
  const rings = renamesOf(
    "ring",
    thingsOf({ ...before, policies: [] }),
    thingsOf({ ...after, policies: [] }),
  );
  const renamed = (policies: readonly HostPolicy[]) => policies.map((policy) => renameRings(policy, rings));
  const was: Side = {
    ...before,
    policies: renamed(before.policies),
    later: before.later.map(({ from, policies }) => ({ from, policies: renamed(policies) })),
    tested: testedOn(before, after, rings),
  };
  const [old, now] = [thingsOf(was), thingsOf(after)];
  const decisions = [was.policies, ...was.later.map(({ policies }) => policies)]
    .flat()
    .flatMap((policy) => policy.decisions);
  return {
    changes: changesOf(old, now),
    endpoints: new Set(decisions.map(({ rule }) => rule.id)).size,
    ...compareOverTime(was, after, renamesOf("rule", old, now)),
  };
}

/** The verdicts from each date of either side to the next, on the requests of the earlier side's tests. */
function compareOverTime(before: Side, after: Side, renamed: ReadonlyMap<string, string>): Comparison {
  const dates = [...new Set([...before.later, ...after.later].map(({ from }) => from))].sort((a, b) => a - b);
  const policiesAt = ({ policies, later }: Side, at: number) =>
    later.findLast(({ from }) => from <= at)?.policies ?? policies;
  const stretches = [undefined, ...dates].map((from, index) => {
    const [at, until] = [from ?? Number.NEGATIVE_INFINITY, dates[index]];
    return {
      during: { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) },
      comparison: compareVerdicts(policiesAt(before, at), policiesAt(after, at), renamed, before.tested),
    };
  });
  const verdicts = overTime(
    stretches,
    ({ comparison }) => comparison.verdicts,
    (verdict) => JSON.stringify(verdict),
  ).map(({ during, ...verdict }) => (Object.keys(during).length === 0 ? verdict : { ...verdict, during }));
  const ids = (of: (comparison: Comparison) => readonly string[]) =>
    [...new Set(stretches.flatMap(({ comparison }) => of(comparison)))].sort();
  return {
    requests: stretches.reduce((sum, { comparison }) => sum + comparison.requests, 0),
    verdicts: OUTCOMES.flatMap((each) => verdicts.filter(({ outcome }) => outcome === each)),
    opened: ids(({ opened }) => opened),
    closed: ids(({ closed }) => closed),
  };
}

/** The requests of both sides' tests, each once; a ring by the name that it has now. */
function testedOn(before: Side, after: Side, rings: ReadonlyMap<string, string>): readonly Example[] {
  const nameOf = (ring: string) => rings.get(ring) ?? ring;
  const renamed = before.tested.map(({ tokens, links, ...request }) => ({
    ...request,
    ...(tokens === undefined
      ? {}
      : { tokens: Object.fromEntries(Object.entries(tokens).map(([ring, says]) => [nameOf(ring), says])) }),
    ...(links === undefined ? {} : { links: links.map(nameOf) }),
  }));
  const keyOf = ({ test: _test, ...request }: Example) => JSON.stringify(request);
  const known = new Set(after.tested.map(keyOf));
  return [...after.tested, ...renamed.filter((each) => !known.has(keyOf(each)))];
}
