import { show } from "./secrets.ts";
import type { Match, PathPattern } from "./types.ts";

/** Characters of a literal segment: unreserved and sub-delims of RFC 3986 that need no decoding and no quoting. */
const SEGMENT = /^[A-Za-z0-9._~!$&'(),=:@-]+$/;
/** `{name}` with a name as OpenAPI has it, without what gives a name a meaning elsewhere. */
const VARIABLE = /^\{[\p{L}\p{N}_.~-]*[\p{L}\p{N}_~-]\}$/u;

/** How other routers write one variable segment (Express, Rails; Flask, Django; Next; Spring, chi), with its name. */
const FOREIGN_VARIABLES = [
  /^:([\w-]+)(?:\(.*\))?[?+*]?$/,
  /^<(?:\w+:)?([\w-]+)>$/,
  /^\[([\w-]+)\]$/,
  /^\{([\w.-]+)(?::.*|\?)\}$/,
];
/** How they write all that follows (Next; Go; ASP.NET, Spring; glob; Rails). */
const FOREIGN_REST = /^(?:\[{1,2}\.{3}\w+\]{1,2}|\{\w+(?:\.{3}|\*)\}|\{\*{1,2}\w+\}|\*\*|\*\w+)$/;

/** Stands for a path with a problem: which requests it means is not known. */
export const UNREAD_PATH: PathPattern = { text: "", segments: [], rest: true };

/** Why a text is no path pattern, and what to write instead. */
export interface PathFault {
  readonly message: string;
  readonly hint: string;
}

/**
 * Reads `/a`, `/a/{id}/b`, `/a/*` or `/*`. A trailing `/*` covers the bare prefix and everything below it.
 */
export function parsePath(text: string): PathPattern | PathFault {
  if (!text.startsWith("/"))
    return { message: "a path begins with /", hint: advice(`/${text.replace(/^[^A-Za-z0-9{*:<[]+/, "")}`) };
  if (text === "/") return { text, segments: [], rest: false };
  const parts = text.slice(1).split("/");
  const rest = parts.at(-1) === "*";
  if (rest) parts.pop();
  if (parts.at(-1) === "") {
    return {
      message: "a path ends without /",
      hint: `${advice(text.replace(/\/+$/, ""))}, which covers a trailing / too`,
    };
  }
  const segments: (string | null)[] = [];
  for (const part of parts) {
    if (part === "")
      return { message: "a path has no empty segment", hint: "write one / where there are two" };
    if (part === "." || part === "..")
      return { message: "a path has no dot segment", hint: "write the path that is meant" };
    if (VARIABLE.test(part)) segments.push(null);
    else if (translated(part) !== undefined) {
      return {
        message: `${show(part)} is another router's way to leave a segment open`,
        hint: advice(text),
      };
    } else if (part.includes("*")) {
      return {
        message: "* stands only at the end, for everything below",
        hint: "write {id} for one variable segment",
      };
    } else if (part.includes("%")) {
      return {
        message: "a path is written decoded",
        hint: "paths with letters that need encoding cannot be matched; match their parent with /*",
      };
    } else if (!SEGMENT.test(part)) {
      return {
        message: /^\{.*\}$/.test(part)
          ? "the name of a variable segment has a character that no name has"
          : part.includes("{") || part.includes("}")
            ? "{name} is a whole segment"
            : "a segment has a character that a path cannot hold",
        hint: "use letters, digits and . _ ~ ! $ & ' ( ) , = : @ -, or {name} for a whole segment",
      };
    } else segments.push(part);
  }
  return { text, segments, rest };
}

/** A segment of another router in ours: `{name}`, or `*` for all that follows; undefined for what is none. */
function translated(part: string): string | undefined {
  if (FOREIGN_REST.test(part)) return "*";
  const name = FOREIGN_VARIABLES.map((form) => form.exec(part)?.[1]).find((found) => found !== undefined);
  return name === undefined ? undefined : `{${name}}`;
}

/** What to write for a path: the path with other routers' segments in ours, where that is one that can be read. */
function advice(text: string): string {
  const parts = text
    .slice(1)
    .split("/")
    .map((part) => translated(part) ?? part);
  const rest = parts.indexOf("*");
  const better = `/${(rest < 0 ? parts : parts.slice(0, rest + 1)).join("/")}`;
  // What is advised must be taken: a path with another fault is not advised.
  if (parts.includes("") || "message" in parsePath(better))
    return "write a path such as /orders/{id} or /orders/*";
  return `write ${show(better)}`;
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
  return short.segments.every((segment, index) => fits(segment, long.segments[index] ?? null));
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
  return segments.every((segment, index) => {
    const other = inner.path.segments[index] ?? null;
    return segment === null || (other !== null && fits(segment, other));
  });
}

function fits(a: string | null, b: string | null): boolean {
  return a === null || b === null || a.toLowerCase() === b.toLowerCase();
}
