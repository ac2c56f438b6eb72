import type { Match } from "../definition/types.ts";
import type { PolicyRequest } from "./evaluate.ts";
import { decoded } from "./readings.ts";
import { meetingOf } from "./takers.ts";
import type { HostPolicy } from "./types.ts";

/**
 * For a request the policy with no more than what can match it, in the same order: `evaluate` says the same of both,
 * and goes through a handful of rules where a host has ten thousand.
 */
export function narrowing(
  policy: HostPolicy,
): (request: Pick<PolicyRequest, "method" | "path">) => HostPolicy {
  const decisions = nearIn(policy.decisions);
  const always = nearIn(policy.always);
  const conditions = nearIn(policy.conditions);
  const limits = nearIn(policy.limits);
  const exceptions = nearIn(
    policy.host.exceptions.flatMap((exception) =>
      exception.matches.map((match) => ({ match, exception: { ...exception, matches: [match] } })),
    ),
  );
  return ({ method, path }) => {
    const segments = decoded(path)
      .split("/")
      .filter((part) => part !== "");
    const match = { methods: [method], path: { text: path, segments, rest: false } };
    return {
      ...policy,
      host: { ...policy.host, exceptions: exceptions(match).map(({ exception }) => exception) },
      decisions: decisions(match),
      always: always(match),
      conditions: conditions(match),
      limits: limits(match),
    };
  };
}

/** Those that meet a match, in their own order. */
function nearIn<T extends { readonly match: Match }>(all: readonly T[]): (match: Match) => readonly T[] {
  const meeting = meetingOf(all);
  const place = new Map(all.map((each, index) => [each, index]));
  return (match) => [...meeting(match)].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}
