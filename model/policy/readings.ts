import type { Match, PathPattern, Segment } from "../definition/types.ts";

/*
 * An origin may read a path otherwise than the definitions write it: without regard to case, decoded, with a slash at
 * the end. A rule guards every request that is its own in some reading, and takes from broader rules only those that
 * are its own in each. So whichever way the origin reads a request, what is asked for there holds.
 */

/** Whether a match means a request in some reading: case does not count, nor a slash at the end, nor an escape. */
export function isMatched(match: Match, method: string, path: string): boolean {
  const parts = decoded(path).split("/").slice(1);
  if (parts.length > Math.max(match.path.segments.length, 1) && parts.at(-1) === "") parts.pop();
  return hasMethod(match, method) && takesAll(match.path, parts, "is");
}

/** Whether a match means a request in each reading: its path as sent is written as the pattern. */
export function isMatchedExactly(match: Match, method: string, path: string): boolean {
  return hasMethod(match, method) && takesAll(match.path, path.split("/").slice(1), "s");
}

/** A path with each escape decoded once, a character for a byte. */
export function decoded(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function hasMethod({ methods }: Match, method: string): boolean {
  return methods === undefined || methods.includes(method);
}

function takesAll({ segments, rest }: PathPattern, parts: readonly string[], flags: string): boolean {
  if (segments.length === 0) return rest || (parts.length === 1 && parts[0] === "");
  if (rest ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, index) => takes(segment, parts[index] ?? "", flags));
}

function takes(segment: Segment, part: string, flags: string): boolean {
  if (segment === null) return part !== "";
  const pieces = typeof segment === "string" ? [segment] : segment.pieces;
  const literal = pieces.map((piece) => piece.replaceAll(/\W/g, "\\$&"));
  return new RegExp(`^${literal.join(".+")}$`, flags).test(part);
}
