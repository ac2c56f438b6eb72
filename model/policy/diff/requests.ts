import { covers, overlap } from "../../definition/paths.ts";
import type { Match, PathPattern, Segment } from "../../definition/types.ts";
import { COMMON_METHODS } from "../../facts/methods.ts";
import { samplePath } from "../samples.ts";
import { meetingOf } from "../takers.ts";
import type { Decision, HostPolicy } from "../types.ts";

/** A method and a path, as a request has them. */
export interface Target {
  readonly method: string;
  readonly path: string;
}

/**
 * Requests to one host on which its policies may differ, the same for the same policies: for every match of any of them
 * paths that it alone matches where there are such, also the prefix and two segments of one with `/*`, and for two that
 * cross a path that both match; each with the methods that it states, or all that any rule states and one that none
 * does. Besides, a path that nothing lists.
 */
export function targetsOf(policies: readonly HostPolicy[]): readonly Target[] {
  const decisions = policies.flatMap(decisionsOf);
  const matches = distinct([
    ...decisions.map(({ match }) => match),
    ...policies.flatMap(({ host }) => host.exceptions.flatMap(({ matches }) => matches)),
    { path: EVERYTHING },
  ]);
  const stated = matches.flatMap(({ methods }) => methods ?? []);
  const unstated = SENT.find((method) => !stated.includes(method));
  const methods = [...new Set(["GET", ...stated, ...(unstated === undefined ? [] : [unstated])])];
  const variable = unusedIn(matches);
  const meeting = meetingOf(decisions);
  const targets = matches.flatMap((match) => {
    const crossing = distinct(meeting(match).map((decision) => decision.match)).flatMap((other) =>
      overlap(other, match) && !covers(other, match) && !covers(match, other) ? [crossed(match, other)] : [],
    );
    const paths = [match.path, ...crossing].flatMap((path) => samplesOf(path, variable));
    return paths.flatMap((path) => (match.methods ?? methods).map((method) => ({ method, path })));
  });
  return [...new Map(targets.map((target) => [`${target.method} ${target.path}`, target])).values()];
}

/** All that a policy says of requests it matches. */
export function decisionsOf({ decisions, always, conditions, limits }: HostPolicy): readonly Decision[] {
  return [...decisions, ...always, ...conditions, ...limits];
}

const EVERYTHING: PathPattern = { text: "/*", segments: [], rest: true };

/** Methods that clients send without being told; the first that no rule states stands for all others. */
const SENT = [
  "POST",
  ...COMMON_METHODS.filter((method) => !["OPTIONS", "CONNECT", "TRACE"].includes(method)),
];

function distinct(matches: readonly Match[]): readonly Match[] {
  return [
    ...new Map(matches.map((match) => [`${match.methods?.join() ?? ""} ${match.path.text}`, match])).values(),
  ];
}

/** A text for variables that no pattern has in a segment, so that a sample is matched by what is variable alone. */
function unusedIn(matches: readonly Match[]): string {
  const texts = new Set(
    matches.flatMap(({ path }) =>
      path.segments.flatMap((segment) =>
        segment === null ? [] : typeof segment === "string" ? [segment] : segment.pieces,
      ),
    ),
  );
  const numbers = new Set([...texts].flatMap(numbersIn));
  let number = 1;
  while (numbers.has(`${number}`)) number += 1;
  return `${number}`;
}

/** Every number that stands in a text, also as a part of another; of a long one as much as could be the first unused. */
function numbersIn(text: string): string[] {
  const LONGEST = 7;
  return [...text.matchAll(/\d/g)].flatMap(({ index }) => {
    const digits = /^\d*/.exec(text.slice(index, index + LONGEST))?.[0] ?? "";
    return Array.from(digits, (_digit, end) => digits.slice(0, end + 1));
  });
}

function samplesOf(path: PathPattern, variable: string): string[] {
  const sample = samplePath(path, variable);
  return path.rest
    ? [samplePath({ ...path, rest: false }, variable), sample, `${sample}/${variable}`]
    : [sample];
}

/** The pattern of what two overlapping ones both match; where both are partly variable, that of the first. */
function crossed({ path: a }: Match, { path: b }: Match): PathPattern {
  const length = Math.max(a.segments.length, b.segments.length);
  const segments = Array.from({ length }, (_, index) => narrower(a.segments[index], b.segments[index]));
  return { text: "", segments, rest: a.rest && b.rest };
}

function narrower(a: Segment | undefined, b: Segment | undefined): Segment {
  if (typeof a === "string") return a;
  if (typeof b === "string") return b;
  return a ?? b ?? null;
}
