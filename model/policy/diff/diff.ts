import { type Change, changesOf, renamesOf } from "./changes.ts";
import { renameRings } from "./renameRings.ts";
import { type Side, thingsOf } from "./things.ts";
import { type Comparison, compareVerdicts, type Example } from "./verdicts.ts";

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
  const policies = before.policies.map((policy) => renameRings(policy, rings));
  const tested = testedOn(before, after, rings);
  const [old, now] = [thingsOf({ ...before, policies }), thingsOf(after)];
  return {
    changes: changesOf(old, now),
    endpoints: policies.reduce(
      (sum, { decisions }) => sum + new Set(decisions.map(({ rule }) => rule)).size,
      0,
    ),
    ...compareVerdicts(policies, after.policies, renamesOf("rule", old, now), tested),
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
