/** Changes of somebody else's that a PUT of ours went over, and how they are made once more. */

import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { type RemoteRule, sendable } from "./ruleText.ts";

/** Rules of others before and after a write that came between our read and our PUT. */
export interface Overwritten {
  readonly before: readonly RemoteRule[];
  readonly after: readonly RemoteRule[];
}

/** Whether rules of others are the same, members that we do not know included. */
export function unchanged(a: readonly RemoteRule[], b: readonly RemoteRule[]): boolean {
  return canonicalJson(a.map(sendable)) === canonicalJson(b.map(sendable));
}

/**
 * The rules of others with such a change made again. Where nobody has written since, they are as after it, in its
 * order; else each rule that it added, changed or removed is so, unless a later write changed that one again.
 * Making a change twice is making it once.
 */
export function again(now: readonly RemoteRule[], { before, after }: Overwritten): readonly RemoteRule[] {
  if (unchanged(now, before)) return after;
  // By `ref`, which a ruleset has once: who writes without ids gets new ones.
  const named = (rules: readonly RemoteRule[], { ref }: RemoteRule) => rules.find((each) => each.ref === ref);
  const kept = now.flatMap((rule) => {
    const former = named(before, rule);
    if (former === undefined || !unchanged([rule], [former])) return [rule];
    return named(after, rule) ?? [];
  });
  return [...kept, ...after.filter((rule) => !named(before, rule) && !named(now, rule))];
}
