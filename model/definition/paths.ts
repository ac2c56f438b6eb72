import { show } from "./secrets.ts";
import { compareSegments, segmentCovers, segmentsMeet } from "./segments.ts";
import type { Match, PathPattern, Segment } from "./types.ts";

/** Characters of a literal segment: unreserved and sub-delims of RFC 3986 that need no decoding and no quoting. */
const SEGMENT = /^[A-Za-z0-9._~!$&'(),=:@-]+$/;
/** A variable with its name. OpenAPI 3.2 (Path Templating) allows every letter in a name but { and }. */
const VARIABLE = /\{([^{}]+)\}/g;

/** Stands in another router's path for all that follows. */
const REST = "{*}";

/** How other routers write a variable segment or a part of one, and what it is here. */
const FOREIGN_PARTS: readonly (readonly [RegExp, string])[] = [
  // Next, Go and ASP.NET, AWS, RFC 6570, Starlette, JAX-RS, Django and Flask, Express and Rails: all that follows.
  [/^\[{1,2}\.{3}\w+\]{1,2}$/, REST],
  [/\{[*+]{1,2}[\w.-]+\}|\{[\w.-]+(?:\.{3}|\*|\+|:path|:\s*\.[*+])\}/g, REST],
  [/^<path:\w+>$|^:\w+[*+]$|^\*\w+$|^\*\*$/, REST],
  // Spring, chi and ASP.NET, Symfony: a variable with a condition or a default.
  [/\{([\w.-]+)\s*(?:[:=<][^{}*]*|\?)\}/g, "{$1}"],
  // Flask and Django, Next, Express and Rails: one variable.
  [/<(?:\w+(?:\([^()]*\))?:)?([\w-]+)>/g, "{$1}"],
  [/\[([\w-]+)\]/g, "{$1}"],
  [/^:(\w[\w-]*)(?:\(.*\))?\??$/, "{$1}"],
  [/(?<=^|[.-]):(\w+)/g, "{$1}"],
];

/** What gives a name in braces another meaning: RFC 6570 (section 2.2), or a router that reads more than a name. */
const MEANING = /^[+#./;?&*]|[:=</]|(?:\.{3}|[*+?])$/;

/** Stands for a path with a problem: which requests it means is not known. */
export const UNREAD_PATH: PathPattern = { text: "", segments: [], rest: true };

/** Why a text is no path pattern, and what to write instead. */
export interface PathFault {
  readonly message: string;
  readonly hint: string;
}

/** The same, with a path that may be meant where that says more than a hint. */
type Fault =
  | { readonly message: string; readonly hint: string }
  | { readonly message: string; readonly meant: string };

/**
 * Reads `/a`, `/a/{id}/b`, `/a/{id}.json`, `/a/*` or `/*`. A `*` at the end covers the bare prefix and everything
 * below it, in the middle it is one variable segment.
 */
export function parsePath(text: string): PathPattern | PathFault {
  const read = readPath(text);
  return "meant" in read ? { message: read.message, hint: advice(read.meant) } : read;
}

function readPath(text: string): PathPattern | Fault {
  if (!text.startsWith("/"))
    return { message: "a path begins with /", meant: `/${text.replace(/^[^A-Za-z0-9{*:<[]+/, "")}` };
  if (text === "/") return { text, segments: [], rest: false };
  const parts = partsOf(text);
  const rest = parts.at(-1) === "*";
  if (rest) parts.pop();
  if (parts.at(-1) === "")
    return { message: "a path ends without /, and covers one there", meant: text.replace(/\/+$/, "") };
  const segments: Segment[] = [];
  for (const part of parts) {
    const segment = readSegment(part, text);
    if (isFault(segment)) return segment;
    segments.push(segment);
  }
  return { text, segments, rest };
}

/** What stands between the slashes; a slash inside braces parts nothing. */
function partsOf(text: string): string[] {
  return text.slice(1).split(/\/(?![^{}]*\})/);
}

function isFault(segment: Segment | Fault): segment is Fault {
  return segment !== null && typeof segment === "object" && "message" in segment;
}

function readSegment(part: string, text: string): Segment | Fault {
  if (part === "") return { message: "a path has no empty segment", hint: "write one / where there are two" };
  if (part === "." || part === "..")
    return { message: "a path has no dot segment", hint: "write the path that is meant" };
  if (part === "*") return null;
  const names = [...part.matchAll(VARIABLE)].map(([, name = ""]) => name);
  const pieces = part.split(VARIABLE).filter((_, index) => index % 2 === 0);
  const literal = pieces.join("");
  if (names.some((name) => MEANING.test(name)) || isForeign(pieces.join("{}")))
    return { message: `${show(part)} is another router's way to leave a part open`, meant: text };
  if (literal.includes("*")) {
    return {
      message: "* stands for a whole segment, or at the end for everything below",
      meant: text.replaceAll(/(?<=[^/{}*])\*|\*(?=[^/{}*])/g, "{name}"),
    };
  }
  if (literal.includes("%")) {
    return {
      message: "a path is written decoded",
      hint: "paths with letters that need encoding cannot be matched; match their parent with /*",
    };
  }
  if (pieces.slice(1, -1).includes("")) {
    return {
      message: "two variables stand side by side",
      hint: "nothing parts them: write one variable for both",
    };
  }
  if (literal !== "" && !SEGMENT.test(literal)) {
    return {
      message: /[{}]/.test(literal)
        ? "{ and } stand around the name of a variable, and nowhere else"
        : "a segment has a character that a path cannot hold",
      hint: "use letters, digits and . _ ~ ! $ & ' ( ) , = : @ -, or {name} for what is variable",
    };
  }
  if (names.length === 0) return part;
  return literal === "" ? null : { pieces };
}

/** Whether a part leaves something open in another router: `:id`, `<id>`, `[id]`, `(.:format)`, `*rest`. */
function isForeign(part: string): boolean {
  return /^:\w|[<>[\]]|\([./]?:\w|^\*\*$|^\*\w+$/.test(part);
}

/** What to write for a path: the path with other routers' segments in ours, where that is one that can be read. */
function advice(text: string): string {
  const parts = partsOf(text).map((part) =>
    FOREIGN_PARTS.reduce((read, [form, ours]) => read.replace(form, ours), part),
  );
  const rest = parts.indexOf(REST);
  const better = `/${(rest < 0 ? parts : [...parts.slice(0, rest), "*"]).join("/")}`;
  // What is advised must be taken, and mean the same: a path with another fault is not advised, nor an optional part.
  if (parts.includes("") || /\([./]?:/.test(text) || "message" in readPath(better))
    return "write a path such as /orders/{id} or /orders/*";
  return `write ${show(better)}`;
}

/**
 * Which of two patterns is more specific: below 0 when `a` is, 0 when they take the same. From the left a literal
 * segment goes before a partly variable one (more literal letters first), that before a variable one, and that before
 * the rest. A total order; a pattern that another covers goes before it.
 */
export function compareSpecificity(a: PathPattern, b: PathPattern): number {
  const shared = Math.min(a.segments.length, b.segments.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareSegments(a.segments[index] ?? null, b.segments[index] ?? null);
    if (order !== 0) return order;
  }
  return behind(a, shared) - behind(b, shared);
}

/** What comes after some segments: the end, another segment, or the rest. */
function behind({ segments, rest }: PathPattern, index: number): number {
  if (segments.length > index) return 1;
  return rest ? 2 : 0;
}

/** Whether some request is matched by both, as rules match: case and a trailing slash do not count. */
export function overlap(a: Match, b: Match): boolean {
  if (
    a.methods !== undefined &&
    b.methods !== undefined &&
    !a.methods.some((method) => b.methods?.includes(method))
  )
    return false;
  const [short, long] =
    a.path.segments.length <= b.path.segments.length ? [a.path, b.path] : [b.path, a.path];
  if (short.segments.length < long.segments.length && !short.rest) return false;
  return short.segments.every((segment, index) => segmentsMeet(segment, long.segments[index] ?? null));
}

/** Which of two matches is more specific: that of the more specific path; then one that states methods. */
export function compareMatches(a: Match, b: Match): number {
  return (
    compareSpecificity(a.path, b.path) || Number(a.methods === undefined) - Number(b.methods === undefined)
  );
}

/** Whether every request that `inner` matches is matched by `outer` too. */
export function covers(outer: Match, inner: Match): boolean {
  if (outer.methods !== undefined) {
    if (inner.methods === undefined || !inner.methods.every((method) => outer.methods?.includes(method)))
      return false;
  }
  const { segments, rest } = outer.path;
  if (inner.path.segments.length < segments.length) return false;
  if (!rest && (inner.path.rest || inner.path.segments.length > segments.length)) return false;
  return segments.every((segment, index) => segmentCovers(segment, inner.path.segments[index] ?? null));
}
