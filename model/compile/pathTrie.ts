import type { Match } from "../definition/types.ts";
import { escaped } from "./matches.ts";

/** Matches by the segments of their paths, in small letters. */
export interface PathNode {
  readonly children: Map<string, PathNode>;
  /** What stands below a variable segment. */
  variable?: PathNode;
  /** Matches whose last segment this is. */
  readonly ends: Match[];
}

/** A tree of the matches. */
export function pathTrie(matches: readonly Match[]): PathNode {
  const root: PathNode = { children: new Map(), ends: [] };
  for (const match of matches) {
    let node = root;
    for (const segment of match.path.segments) {
      const next: PathNode = childOf(node, segment) ?? { children: new Map(), ends: [] };
      if (segment === null) node.variable = next;
      else node.children.set(segment.toLowerCase(), next);
      node = next;
    }
    node.ends.push(match);
  }
  return root;
}

function childOf(node: PathNode, segment: string | null): PathNode | undefined {
  return segment === null ? node.variable : node.children.get(segment.toLowerCase());
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
      const covering = nodes
        .flatMap((node) => node.ends)
        .filter(
          (other) => other !== match && (other.path.rest || (last && !rest)) && coversMethods(other, match),
        );
      // Of two that cover each other, the first stays.
      const same = (other: Match) =>
        last && other.path.rest === rest && coversMethods(match, other) && equalSegments(other, match);
      if (covering.some((other) => !same(other) || (places.get(other) ?? 0) < place)) return false;
      const segment = segments[depth] ?? null;
      nodes = nodes.flatMap((node) => {
        const literal = segment === null ? undefined : childOf(node, segment);
        return [literal, node.variable].filter((next) => next !== undefined);
      });
    }
    return true;
  });
}

function equalSegments(a: Match, b: Match): boolean {
  return a.path.segments.every(
    (segment, index) => segment?.toLowerCase() === b.path.segments[index]?.toLowerCase(),
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
    ...[...node.children]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, next]) => `${escaped(name)}/${below(next)}`),
    ...(node.variable === undefined ? [] : [`[^/]+/${below(node.variable)}`]),
  ];
  return choices.length === 1 ? (choices[0] ?? "") : `(${choices.join("|")})`;
}
