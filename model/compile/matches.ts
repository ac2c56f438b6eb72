import type { Match, PathPattern, Segment } from "../definition/types.ts";
import { all, any, isOneOf, quote } from "./expressions.ts";

const PATH = "http.request.uri.path";
const RAW_PATH = "raw.http.request.uri.path";

/** As an origin that decodes and ignores case may read the path, whatever the zone's URL normalization is. */
export const READ_PATH = `lower(url_decode(${PATH}))`;

/**
 * Some of the matches as guards see them, broadly: case does not count, nor a trailing slash, and a
 * percent-encoded letter is the letter. Matches with the same methods share them.
 *
 * @returns undefined when every request matches
 */
export function guards(matches: readonly Match[]): string | undefined {
  const byMethods = new Map<string, { methods: readonly string[] | undefined; paths: PathPattern[] }>();
  for (const { methods, path } of matches) {
    const key = methods?.join(" ") ?? "";
    const group = byMethods.get(key) ?? { methods, paths: [] };
    group.paths.push(path);
    byMethods.set(key, group);
  }
  const conditions = [...byMethods.values()].map(({ methods, paths }) =>
    all(methodIs(methods), guardedPaths(paths)),
  );
  return conditions.includes("") ? undefined : any(conditions);
}

function guardedPaths(paths: readonly PathPattern[]): string | undefined {
  if (paths.some((path) => path.rest && path.segments.length === 0)) return undefined;
  const exact: string[] = [];
  const folders: string[] = [];
  const open: PathPattern[] = [];
  for (const each of paths) {
    if (!each.segments.every(isLiteral)) {
      open.push(each);
      continue;
    }
    const path = `/${each.segments.join("/")}`.toLowerCase();
    if (each.rest) folders.push(isBelow(path));
    else exact.push(path, ...(path === "/" ? [] : [`${path}/`]));
  }
  const listed = exact.length > 0 ? [isOneOf(READ_PATH, [...new Set(exact)])] : [];
  const regexes = patterns(open, "/?$").map((regex) => `${READ_PATH} matches ${regex.toLowerCase()}`);
  return any([...listed, ...folders, ...regexes]);
}

/** Bytes of a path that no server reads as anything else (RFC 3986 section 3.3, without `;`), and `/`. */
const PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@/";

/**
 * The matches as exceptions see them: narrowly, and what they leave open holds plain characters and no dot segment, so
 * that it leads nowhere else.
 */
export function excepts(matches: readonly Match[]): string {
  const fixed = matches.filter(({ path }) => !path.rest && path.segments.every(isLiteral));
  const open = matches.filter((match) => !fixed.includes(match));
  const plain = [
    `not len(remove_bytes(${RAW_PATH}, ${quote(PLAIN)})) > 0`,
    ...["/../", "/./"].map((dots) => `not concat(${RAW_PATH}, "/") contains ${quote(dots)}`),
  ];
  return any([
    ...(fixed.length === 0 ? [] : [narrowly(fixed)]),
    ...(open.length === 0 ? [] : [all(...plain, narrowly(open))]),
  ]);
}

/** Some of the matches, narrowly: the path after normalization and the path as sent must both be as written. */
export function narrowly(matches: readonly Match[]): string {
  const groups = Map.groupBy(matches, ({ methods }) => methods?.join(" ") ?? "");
  return any(
    [...groups.values()].map(
      (some) => all(methodIs(some[0]?.methods), narrowPaths(some.map(({ path }) => path))) || `${PATH} ne ""`,
    ),
  );
}

function narrowPaths(paths: readonly PathPattern[]): string | undefined {
  if (paths.some(({ segments, rest }) => rest && segments.length === 0)) return undefined;
  const literal = paths.filter(({ segments }) => segments.every(isLiteral));
  const exact = literal.filter(({ rest }) => !rest).map(({ text }) => text);
  const folders = literal.filter(({ rest }) => rest);
  const open = paths.filter((path) => !literal.includes(path));
  const regexes = patterns(open, "$");
  const oneOf = (field: string) =>
    any([
      ...(exact.length === 0 ? [] : [isOneOf(field, [...new Set(exact)])]),
      ...folders.map(
        ({ segments }) => `starts_with(concat(${field}, "/"), ${quote(`/${segments.join("/")}/`)})`,
      ),
      ...regexes.map((regex) => `${field} matches ${regex}`),
    ]);
  return all(oneOf(PATH), oneOf(RAW_PATH));
}

/** The path as a guard reads it is the folder itself, or below it. */
function isBelow(folder: string): string {
  return `starts_with(concat(${READ_PATH}, "/"), ${quote(`${folder}/`)})`;
}

/** The request has one of the methods; undefined for every method. */
export function methodIs(methods: readonly string[] | undefined): string | undefined {
  return methods === undefined ? undefined : isOneOf("http.request.method", methods);
}

/**
 * Raw string literals with regular expressions for whole paths: one for all that end alike, since each comparison
 * takes more room in a rule than a path.
 *
 * @param end of paths without a rest
 */
function patterns(paths: readonly PathPattern[], end: string): string[] {
  const groups = Map.groupBy(paths, ({ rest }) => (rest ? "(/|$)" : end));
  return [...groups].map(([last, some]) => {
    const texts = [
      ...new Set(some.map(({ segments }) => segments.map((each) => `/${segmentRegex(each)}`).join(""))),
    ];
    return texts.length === 1 ? `r"^${texts[0]}${last}"` : `r"^(${texts.join("|")})${last}"`;
  });
}

/** A regular expression for one segment. */
export function segmentRegex(segment: Segment): string {
  if (segment === null) return VARIABLE;
  return typeof segment === "string" ? escaped(segment) : segment.pieces.map(escaped).join(VARIABLE);
}

const VARIABLE = "[^/]+";

function isLiteral(segment: Segment): segment is string {
  return typeof segment === "string";
}

/** A text inside a regular expression. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, (letter) => `\\${letter}`);
}
