import type { HostDefinition, TokenUse } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import { METHODS } from "../facts/methods.ts";
import { all, any, hostIs, isOneOf, not, quote, values } from "./expressions.ts";

/*
 * Requests that Cloudflare and an origin may read differently. A guard decides on what Cloudflare reads, so these
 * are refused before any guard is asked.
 */

/** Texts in a path that some server reads as something else, each with the reason. */
const PATH_TRICKS: readonly { readonly text: string; readonly regex: string; readonly reason: string }[] = [
  { text: "//", regex: "//", reason: "some servers merge slashes" },
  { text: "\\", regex: "\\\\", reason: "some servers read it as /" },
  { text: ";", regex: ";", reason: "some servers cut a path parameter off" },
  { text: "/./", regex: "/\\.(/|$)", reason: "a dot segment is removed by some (RFC 3986 section 5.2.4)" },
  {
    text: "/../",
    regex: "/\\.\\.(/|$)",
    reason: "a dot segment is removed by some (RFC 3986 section 5.2.4)",
  },
  { text: "%2f", regex: "%2f", reason: "an encoded / is decoded by some" },
  { text: "%5c", regex: "%5c", reason: "an encoded \\ is decoded by some" },
  { text: "%2e", regex: "%2e", reason: "an encoded . makes dot segments" },
  { text: "%25", regex: "%25", reason: "an encoded % is decoded twice by some" },
  { text: "%0", regex: "%[01]", reason: "a control character ends the text for some, or is stripped" },
  { text: "%7f", regex: "%7f", reason: "a control character, too" },
  { text: "%c0", regex: "%c[01]", reason: "overlong UTF-8 (RFC 3629 section 3) hides other letters" },
];

/** Headers by which some frameworks let a client replace the path or the method it sent. */
const OVERRIDE_HEADERS = [
  "x-original-url",
  "x-rewrite-url",
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
];

/**
 * The condition under which a request to the host is ambiguous.
 *
 * @param uses for each ring of the host, every place that Cloudflare reads its tokens from
 *
 * Refused: a path trick in the normalized path or in the path as sent; several values of a token header or
 * cookie; tokens of one ring in two places at once (which of them Cloudflare verifies is not documented);
 * a host name in another spelling; an unknown method where rules go by methods; a header that overrides path or method.
 */
export function ambiguous(host: HostDefinition, uses: readonly TokenUse[]): string {
  const tricks = [
    ...pathTricks("http.request.uri.path", hasFeature(host.zone, "regex")),
    ...pathTricks("raw.http.request.uri.path", hasFeature(host.zone, "regex")),
    ...repeatedTokens(uses),
    // Some servers answer a method they do not know as if it were GET.
    ...(host.rules.some((rule) => rule.match.methods !== undefined)
      ? [not(isOneOf("http.request.method", METHODS))]
      : []),
    ...OVERRIDE_HEADERS.map((name) => `len(http.request.headers[${quote(name)}]) > 0`),
  ];
  const spelling = [
    `lower(http.host) eq ${quote(host.host)}`,
    ...[":", "."].map((end) => `starts_with(lower(http.host), ${quote(host.host + end)})`),
  ];
  return any([all(hostIs(host.host), any(tricks)), all(`http.host ne ${quote(host.host)}`, any(spelling))]);
}

function pathTricks(field: string, regex: boolean): string[] {
  const path = `lower(${field})`;
  if (regex) return [`${path} matches r"${PATH_TRICKS.map((trick) => trick.regex).join("|")}"`];
  return [
    ...PATH_TRICKS.map((trick) => `${path} contains ${quote(trick.text)}`),
    `${path} contains "%1"`,
    `${path} contains "%c1"`,
    ...["/.", "/.."].map((end) => `ends_with(${path}, ${quote(end)})`),
  ];
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
