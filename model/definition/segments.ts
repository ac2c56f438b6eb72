import type { Segment } from "./types.ts";

/*
 * What one segment of a path takes. A variable takes at least one letter; which letters a segment takes does not
 * depend on their case.
 */

/** A letter that no literal text has, in place of a variable. */
const ANY = "\0";

/** A segment as a text: equal for those that take the same, and for no others. */
export function segmentKey(segment: Segment): string {
  if (segment === null) return ANY;
  return (typeof segment === "string" ? segment : segment.pieces.join(ANY)).toLowerCase();
}

/** Whether some text is taken by both. */
export function segmentsMeet(a: Segment, b: Segment): boolean {
  if (typeof a === "string") return segmentCovers(b, a);
  if (typeof b === "string") return segmentCovers(a, b);
  // With a variable in each, what stands between can be as long as both need: only the ends have to agree.
  const [first, second] = [segmentKey(a), segmentKey(b)];
  const [start, otherStart] = [first, second].map((key) => key.slice(0, key.indexOf(ANY)));
  const [end, otherEnd] = [first, second].map((key) => key.slice(key.lastIndexOf(ANY) + 1));
  return isEither(start, otherStart, "startsWith") && isEither(end, otherEnd, "endsWith");
}

function isEither(a = "", b = "", how: "startsWith" | "endsWith"): boolean {
  return a[how](b) || b[how](a);
}

/** Whether `outer` takes every text that `inner` takes. */
export function segmentCovers(outer: Segment, inner: Segment): boolean {
  // A variable takes any text, also one that no piece of `outer` has; so only a variable of `outer` takes it.
  const text = segmentKey(inner);
  const [start = "", ...pieces] = segmentKey(outer).split(ANY);
  const end = pieces.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start) || !text.endsWith(end)) return false;
  let at = start.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at + 1);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at < text.length - end.length;
}

/**
 * Which of two segments says more: below 0 when `a` does. A literal one goes before a partly variable one, that
 * before a variable one; of two partly variable ones that with more literal letters; then the text decides.
 */
export function compareSegments(a: Segment, b: Segment): number {
  const [first, second] = [segmentKey(a), segmentKey(b)];
  return (
    rank(a) - rank(b) ||
    lettersIn(second) - lettersIn(first) ||
    (first < second ? -1 : first > second ? 1 : 0)
  );
}

function rank(segment: Segment): number {
  if (segment === null) return 2;
  return typeof segment === "string" ? 0 : 1;
}

function lettersIn(key: string): number {
  return key.replaceAll(ANY, "").length;
}
