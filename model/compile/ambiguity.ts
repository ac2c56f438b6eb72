import type { HostDefinition, TokenUse } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import { COMMON_METHODS } from "../facts/methods.ts";
import { all, any, isOneOf, not, quote, values } from "./expressions.ts";
import { escaped } from "./matches.ts";

/*
 * Requests that Cloudflare and an origin may read differently. A guard decides on what Cloudflare reads, so these
 * are refused before any guard is asked. Both the path that rules see and the path as sent are looked at, so nothing
 * depends on the zone's URL normalization. Not covered: an origin that takes letters in compatibility forms (UAX #15)
 * for the plain ones. No server in `testing/servers.ts` but the one made for it does so, there are thousands of such
 * letters, and most stand in names that are meant so; `otherwise: deny` refuses them, as no listed path has any.
 */

/** How a path is looked at: `sent`, in small letters and with its escapes, or `read`, with each escape decoded once. */
type View = "sent" | "read";

/** A text in a path that some server reads as something else. */
export interface PathTrick {
  readonly view: View;
  readonly text: string;
  /** The text is the rest of a segment. */
  readonly segment?: true;
  readonly reason: string;
  /** A path that the text is in, and no other row's. */
  readonly sample: string;
}

/** The one list of what makes a path ambiguous. The tests try it against servers and what stands before them. */
export const PATH_TRICKS: readonly PathTrick[] = [
  {
    view: "read",
    text: "//",
    reason: "nginx, Apache, Tomcat and Go merge slashes",
    sample: "//orders/1",
  },
  {
    view: "read",
    text: "\\",
    reason: "the WHATWG URL parser (Node) and IIS read it as /",
    sample: "/x\\..\\orders\\1",
  },
  {
    view: "read",
    text: ";",
    reason: "Tomcat cuts it off with what follows, also when a proxy has decoded it",
    sample: "/orders%3bx/1",
  },
  {
    view: "read",
    text: "?",
    reason: "where a proxy hands the decoded path on (Apache: CVE-2024-38474), a query begins",
    sample: "/orders%3f/1",
  },
  {
    view: "read",
    text: "#",
    reason: "nginx, Apache and the WHATWG URL parser end a path there, also when a proxy has decoded it",
    sample: "/orders%23/1",
  },
  {
    view: "read",
    text: "%",
    reason: "an encoded % is decoded twice by a chain of servers; an escape that is none, such as %u, by IIS",
    sample: "/%256frders/1",
  },
  { view: "read", text: "/.", segment: true, reason: "a dot segment is removed", sample: "/%2e/orders/1" },
  {
    view: "read",
    text: "/..",
    segment: true,
    reason: "a dot segment is removed with the segment before it (RFC 3986 section 5.2.4)",
    sample: "/x/.%2e/orders/1",
  },
  {
    view: "sent",
    text: "%2f",
    reason: "a router that decodes segments one by one sees one segment where rules see two",
    sample: "/users/a%2fb",
  },
  {
    view: "sent",
    text: "%20",
    segment: true,
    reason: "the WHATWG URL parser cuts a blank off the end, and Windows off every segment",
    sample: "/orders%20",
  },
  {
    view: "sent",
    text: "%0",
    reason: "a control character ends or is cut from the text",
    sample: "/orders%00/1",
  },
  { view: "sent", text: "%1", reason: "a control character, too", sample: "/or%1fders/1" },
  { view: "sent", text: "%7f", reason: "a control character, too", sample: "/or%7fders/1" },
  {
    view: "sent",
    text: "%c0",
    reason: "overlong UTF-8 (RFC 3629 section 3): decoders that do not check read ASCII (CVE-2008-2938)",
    sample: "/%c0%ae/orders/1",
  },
  { view: "sent", text: "%c1", reason: "overlong UTF-8, too", sample: "/%c1%afrders/1" },
  { view: "sent", text: "%e0%8", reason: "overlong UTF-8 in three bytes", sample: "/%e0%80%ae/orders/1" },
  { view: "sent", text: "%f0%8", reason: "overlong UTF-8 in four bytes", sample: "/%f0%80%80%ae/orders/1" },
  { view: "sent", text: "%f8", reason: "overlong UTF-8 in five bytes", sample: "/%f8%80%80%80%ae/orders/1" },
  {
    view: "sent",
    text: "%fc",
    reason: "overlong UTF-8 in six bytes",
    sample: "/%fc%80%80%80%80%ae/orders/1",
  },
  {
    view: "sent",
    text: "%ef%bc%8e",
    reason: "a full-width . is a dot where text is normalized (UAX #15, NFKC)",
    sample: "/%ef%bc%8e/orders/1",
  },
  {
    view: "sent",
    text: "%ef%bc%8f",
    reason: "a full-width / is a slash there",
    sample: "/orders%ef%bc%8f1",
  },
  {
    view: "sent",
    text: "%ef%bc%bc",
    reason: "a full-width \\ is a backslash there",
    sample: "/orders%ef%bc%bc1",
  },
  {
    view: "sent",
    text: "%ef%bc%9b",
    reason: "a full-width ; is one there",
    sample: "/orders%ef%bc%9bx/1",
  },
  {
    view: "sent",
    text: "%ef%bc%9f",
    reason: "a full-width ? is one there",
    sample: "/orders%ef%bc%9fx/1",
  },
  {
    view: "sent",
    text: "%ef%bc%83",
    reason: "a full-width # is one there",
    sample: "/orders%ef%bc%83x/1",
  },
  {
    view: "sent",
    text: "%ef%bc%85",
    reason: "a full-width % is one there, and begins an escape",
    sample: "/%ef%bc%856frders/1",
  },
  {
    view: "sent",
    text: "%e2%80%a4",
    reason: "a one dot leader is a dot there",
    sample: "/%e2%80%a4/orders/1",
  },
  {
    view: "sent",
    text: "%e2%80%a5",
    reason: "a two dot leader is two dots there",
    sample: "/x/%e2%80%a5/orders/1",
  },
];

/** Bytes that a path consists of. Others are sent encoded; servers that take them as they are decode them by chance. */
const PRINTABLE = String.fromCharCode(...Array.from({ length: 0x7e - 0x20 }, (_, index) => 0x21 + index));

/** What rules judge, after URL normalization and rewrites, and what the client sent: an origin may get either. */
const PATH_FIELDS = ["http.request.uri.path", "raw.http.request.uri.path"];

/** Headers by which some frameworks let a client replace the path or the method it sent. */
const OVERRIDE_HEADERS = [
  "x-original-url",
  "x-rewrite-url",
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
];

/**
 * The conditions under which a request to the host is ambiguous, any of them.
 *
 * @param uses for each ring of the host, every place that Cloudflare reads its tokens from
 *
 * Refused: a path trick in the normalized path or in the path as sent; several values of a token header or
 * cookie; tokens of one ring in two places at once (which of them Cloudflare verifies is not documented);
 * a host name in another spelling; an unknown method where rules go by methods; a header that overrides path or method.
 */
export function ambiguities(host: HostDefinition, uses: readonly TokenUse[]): string[] {
  return [
    ...ambiguousPath(hasFeature(host.zone, "regex")),
    // Whether an escape that is none stays or makes the whole path missing is not documented.
    ...PATH_FIELDS.flatMap((field) => [
      `not len(url_decode(${field})) > 0`,
      `len(remove_bytes(${field}, ${quote(PRINTABLE)})) > 0`,
    ]),
    // A header or cookie that is not seen could be any of those below.
    "http.request.headers.truncated",
    ...repeatedTokens(uses),
    // Some servers answer a method they do not know as if it were GET.
    ...unknownMethod(host),
    ...OVERRIDE_HEADERS.map((name) => `len(http.request.headers[${quote(name)}]) > 0`),
  ];
}

/** Where rules go by methods, one that is neither common nor named by a rule or an exception of the host. */
function unknownMethod({ rules, exceptions }: HostDefinition): string[] {
  if (rules.every(({ match }) => match.methods === undefined)) return [];
  const named = [...rules, ...exceptions].flatMap(({ match }) => match.methods ?? []);
  return [not(isOneOf("http.request.method", [...new Set([...COMMON_METHODS, ...named.sort()])]))];
}

/** The condition under which a request names the host in another spelling: other letters, a port, a dot at the end. */
export function otherSpelling({ host }: HostDefinition): string {
  const spellings = [
    `lower(http.host) eq ${quote(host)}`,
    ...[":", "."].map((end) => `starts_with(lower(http.host), ${quote(host + end)})`),
  ];
  return all(`http.host ne ${quote(host)}`, any(spellings));
}

/** The conditions under which the path in one of the fields is ambiguous. */
function ambiguousPath(regex: boolean): string[] {
  return (["sent", "read"] as const).flatMap((view) => {
    const rows = PATH_TRICKS.filter((row) => row.view === view);
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
