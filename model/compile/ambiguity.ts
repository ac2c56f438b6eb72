import type { HostDefinition, TokenUse } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import { COMMON_METHODS } from "../facts/methods.ts";
import {
  type Acceptable,
  METHOD_HEADERS,
  PATH_HEADERS,
  PATH_TRICKS,
  type PathTrick,
} from "../facts/pathTricks.ts";
import type { HostPolicy } from "../policy/types.ts";
import { all, any, isOneOf, not, quote, values } from "./expressions.ts";
import { escaped, narrowly } from "./matches.ts";

/*
 * Requests that Cloudflare and an origin may read differently. A guard decides on what Cloudflare reads, so these
 * are refused before any guard is asked. Both the path that rules see and the path as sent are looked at, so nothing
 * depends on the zone's URL normalization. Not covered: an origin that takes letters in compatibility forms (UAX #15)
 * for the plain ones. No server in `testing/servers.ts` but the one made for it does so, there are thousands of such
 * letters, and most stand in names that are meant so; `otherwise: deny` refuses them, as no listed path has any.
 */

/** Bytes that a path consists of. Others are sent encoded; servers that take them as they are decode them by chance. */
const PRINTABLE = String.fromCharCode(...Array.from({ length: 0x7e - 0x20 }, (_, index) => 0x21 + index));

/** What rules judge, after URL normalization and rewrites, and what the client sent: an origin may get either. */
const PATH_FIELDS = ["http.request.uri.path", "raw.http.request.uri.path"];

/**
 * The conditions under which a request to the host is ambiguous, any of them.
 *
 * @param places for each ring of the host, every place that Cloudflare reads its tokens from
 * @param accepts what rules accept; it is refused elsewhere all the same
 *
 * Refused: a path trick in the normalized path or in the path as sent; several values of a token header or
 * cookie; tokens of one ring in two places at once (which of them Cloudflare verifies is not documented);
 * a host name in another spelling; an unknown method where rules go by methods; a header that overrides path or method.
 */
export function ambiguities({
  host,
  places,
  accepts,
}: Pick<HostPolicy, "host" | "places" | "accepts">): string[] {
  /** Conditions of one kind, but where they are accepted. */
  const unless = (kind: Acceptable, conditions: readonly string[]): readonly string[] => {
    const matches = accepts.filter((each) => each.kind === kind).map(({ match }) => match);
    if (matches.length === 0 || conditions.length === 0) return conditions;
    return [all(any(conditions), not(narrowly(matches)))];
  };
  const accepted = [...new Set(accepts.map(({ kind }) => kind))];
  const regex = hasFeature(host.zone, "regex");
  const isAccepted = ({ accept }: PathTrick) => accept !== undefined && accepted.includes(accept);
  return [
    ...ambiguousPath(
      regex,
      PATH_TRICKS.filter((row) => !isAccepted(row)),
    ),
    ...accepted.flatMap((kind) =>
      unless(
        kind,
        ambiguousPath(
          regex,
          PATH_TRICKS.filter((row) => row.accept === kind),
        ),
      ),
    ),
    // Whether an escape that is none stays or makes the whole path missing is not documented.
    ...PATH_FIELDS.flatMap((field) => [
      `not len(url_decode(${field})) > 0`,
      `len(remove_bytes(${field}, ${quote(PRINTABLE)})) > 0`,
    ]),
    // A header or cookie that is not seen could be any of those below.
    "http.request.headers.truncated",
    ...unless("second-token", repeatedTokens(places)),
    // Some servers answer a method they do not know as if it were GET.
    ...unknownMethod(host),
    ...PATH_HEADERS.map(isSent),
    ...unless("method-override", METHOD_HEADERS.map(isSent)),
  ];
}

function isSent(header: string): string {
  return `len(http.request.headers[${quote(header)}]) > 0`;
}

/** Where rules go by methods, one that is neither common nor named by a rule or an exception of the host. */
function unknownMethod({ rules, exceptions }: HostDefinition): string[] {
  const all = (some: HostDefinition["rules" | "exceptions"]) =>
    some.flatMap(({ matches }) => matches.flatMap(({ methods }) => methods ?? []));
  if (all(rules).length === 0) return [];
  const named = [...all(rules), ...all(exceptions)];
  return [not(isOneOf("http.request.method", [...new Set([...COMMON_METHODS, ...named.sort()])]))];
}

/** The conditions under which the path in one of the fields is ambiguous. */
function ambiguousPath(regex: boolean, tricks: readonly PathTrick[]): string[] {
  return (["sent", "read"] as const).flatMap((view) => {
    const rows = tricks.filter((row) => row.view === view);
    if (rows.length === 0) return [];
    const texts = PATH_FIELDS.map((field) => (view === "sent" ? `lower(${field})` : `url_decode(${field})`));
    return regex ? texts.map((text) => isMatched(text, rows)) : rows.map((row) => isContained(texts, row));
  });
}

/** One of the rows' texts is in a text, as one regular expression. */
export function isMatched(text: string, rows: readonly PathTrick[]): string {
  const patterns = rows.map((row) => `${escaped(row.text)}${row.segment ? "(/|$)" : ""}`);
  return `${text} matches r"${patterns.join("|")}"`;
}

/** A row's text is in one of the texts, for plans without regular expressions. */
export function isContained(texts: readonly string[], { text, segment }: PathTrick): string {
  // What stands between the texts ends a segment, or is in no row.
  const end = segment ? "/" : " ";
  const joined = texts.map((each) => `${each}, ${quote(end)}`).join(", ");
  return `concat(${joined}) contains ${quote(segment ? text + end : text)}`;
}

function repeatedTokens(uses: readonly TokenUse[]): string[] {
  const repeated = uses.flatMap((use) => use.sources.map((source) => `len(${values(source)}) > 1`));
  const together = uses.flatMap(({ sources }) =>
    sources.flatMap((source, index) =>
      sources.slice(index + 1).map((other) => `(len(${values(source)}) > 0 and len(${values(other)}) > 0)`),
    ),
  );
  return [...new Set([...repeated, ...together])];
}
