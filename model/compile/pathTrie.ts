import { segmentCovers, segmentKey } from "../definition/segments.ts";
import type { Match, Segment } from "../definition/types.ts";
import { segmentRegex } from "./matches.ts";

/** Matches by the segments of their paths, whatever their case. */
export interface PathNode {
  /** What stands below literal segments, by key. */
  readonly literal: Map<string, Branch>;
  /** What stands below segments that are variable or partly so, by key. */
  readonly open: Map<string, Branch>;
  /** Matches whose last segment this is. */
  readonly ends: Match[];
}

interface Branch extends PathNode {
  readonly segment: Segment;
}

/** A tree of the matches. */
export function pathTrie(matches: readonly Match[]): PathNode {
  const root: PathNode = { literal: new Map(), open: new Map(), ends: [] };
  for (const match of matches) {
    let node = root;
    for (const segment of match.path.segments) {
      const branches = typeof segment === "string" ? node.literal : node.open;
      const key = segmentKey(segment);
      const next: Branch = branches.get(key) ?? {
        segment,
        literal: new Map(),
        open: new Map(),
        ends: [],
      };
      branches.set(key, next);
      node = next;
    }
    node.ends.push(match);
  }
  return root;
}

/** What stands below the segments that cover one. */
function covering(node: PathNode, segment: Segment): PathNode[] {
  const literal = typeof segment === "string" ? node.literal.get(segmentKey(segment)) : undefined;
  const open = [...node.open.values()].filter((branch) => segmentCovers(branch.segment, segment));
  return literal === undefined ? open : [literal, ...open];
}

/** The matches without those that others cover: everything they match, another does too. */
export function withoutCovered(matches: readonly Match[]): Match[] {
  const trie = pathTrie(matches);
  const places = new Map(matches.map((match, place) => [match, place]));
  return matches.filter((match, place) => {
    const { segments, rest } = match.path;
    let nodes = [trie];
    for (let depth = 0; depth <= segments.length; depth += 1) {
      const last = depth === segments.length;
      const others = nodes
        .flatMap((node) => node.ends)
        .filter(
          (other) => other !== match && (other.path.rest || (last && !rest)) && coversMethods(other, match),
        );
      // Of two that cover each other, the first stays.
      const same = (other: Match) =>
        last && other.path.rest === rest && coversMethods(match, other) && equalSegments(other, match);
      if (others.some((other) => !same(other) || (places.get(other) ?? 0) < place)) return false;
      nodes = nodes.flatMap((node) => covering(node, segments[depth] ?? null));
    }
    return true;
  });
}

function equalSegments(a: Match, b: Match): boolean {
  return a.path.segments.every(
    (segment, index) => segmentKey(segment) === segmentKey(b.path.segments[index] ?? null),
  );
}

function coversMethods(outer: Match, inner: Match): boolean {
  if (outer.methods === undefined) return true;
  return inner.methods?.every((method) => outer.methods?.includes(method)) ?? false;
}

/**
 * A regular expression for the paths of a tree, for a path in small letters with a `/` behind it. What the segments
 * share stands once.
 */
export function regexOf(node: PathNode): string {
  return `^/${below(node)}`;
}

function below(node: PathNode): string {
  if (node.ends.some((match) => match.path.rest)) return "";
  const choices = [
    ...(node.ends.length > 0 ? ["/?$"] : []),
    ...[node.literal, node.open].flatMap((branches) =>
      [...branches]
        .sort(([first], [second]) => (first < second ? -1 : 1))
        .map(([, next]) => `${segmentRegex(next.segment).toLowerCase()}/${below(next)}`),
    ),
  ];
  return choices.length === 1 ? (choices[0] ?? "") : `(${choices.join("|")})`;
}
