import { compareMatches, overlap } from "../definition/paths.ts";
import { segmentKey } from "../definition/segments.ts";
import type { Match } from "../definition/types.ts";
import { isAsHard } from "./policy.ts";
import type { Decision } from "./types.ts";

interface Node<T> {
  readonly literal: Map<string, Node<T>>;
  /** Below segments that are not one literal. */
  readonly open: Map<string, Node<T>>;
  readonly ends: T[];
}

/**
 * The decisions that take requests from one: they are more specific, some request is matched by both, and they act at
 * least as hard. One that acts less hard takes none: a rule that is tried out in `log` opens nothing.
 *
 * @param decisions of one host, whose matches are all looked through
 */
export function takersOf(decisions: readonly Decision[]): (decision: Decision) => readonly Decision[] {
  const meeting = meetingOf(decisions);
  return (decision) =>
    meeting(decision.match).filter(
      (other) => isAsHard(other.mode, decision.mode) && compareMatches(other.match, decision.match) < 0,
    );
}

/** Those of decisions, or of whatever else has a match, that match some request which a match means. */
export function meetingOf<T extends { readonly match: Match }>(
  decisions: readonly T[],
): (match: Match) => readonly T[] {
  const root = emptyNode<T>();
  for (const decision of decisions) {
    let node = root;
    for (const segment of decision.match.path.segments) {
      const map = typeof segment === "string" ? node.literal : node.open;
      const key = segmentKey(segment);
      const next = map.get(key) ?? emptyNode<T>();
      map.set(key, next);
      node = next;
    }
    node.ends.push(decision);
  }
  return (match) => {
    let nodes = [root];
    const found = [...root.ends];
    for (const segment of match.path.segments) {
      nodes = nodes.flatMap((node) => {
        const literal =
          typeof segment === "string" ? [node.literal.get(segmentKey(segment))] : [...node.literal.values()];
        return [...literal, ...node.open.values()].filter((next) => next !== undefined);
      });
      found.push(...nodes.flatMap((node) => node.ends));
    }
    if (match.path.rest) found.push(...nodes.flatMap(below));
    return found.filter((decision) => overlap(decision.match, match));
  };
}

function emptyNode<T>(): Node<T> {
  return { literal: new Map(), open: new Map(), ends: [] };
}

function below<T>(node: Node<T>): T[] {
  return [...node.literal.values(), ...node.open.values()].flatMap((next) => [...next.ends, ...below(next)]);
}
