import { createHmac, timingSafeEqual } from "node:crypto";
import type { JWK } from "jose";
import type { LinkPart } from "../../model/definition/types.ts";
import { LINK_FLAGS, linkPrefix } from "../../model/facts/links.ts";
import { PATH_TRICKS } from "../../model/facts/pathTricks.ts";
import { quote, secondsOf, TokenInputError } from "./findings.ts";

const BIND =
  "Leave the query out, or have it signed: `bind: [path, query]` in the ring's `hmac`, --bind path,query here.";

/** What to sign and with which secret. */
export interface SignLinkInput {
  /** Key bytes: the UTF-8 of the ring's password (`secretOf` takes them from a JWK). */
  readonly secret: Uint8Array;
  /** `/images/cat.jpg`, with a query or without, or an absolute URL. */
  readonly path: string;
  /** Name of the query parameter; it becomes the last one. */
  readonly parameter: string;
  readonly issuedAt: Date;
  /** What links of the ring are signed for (`hmac.bind`); the path alone when left out. */
  readonly bind?: readonly LinkPart[] | undefined;
  /** keyturn's rules use `s`. */
  readonly flags?: LinkFlags | undefined;
}

/**
 * Signs a link for is_timed_hmac_valid_v0: `<path>?<parameter>=<seconds>-<MAC>`. How long it lives is not in
 * the link but in the rule. Throws `TokenInputError`.
 */
export function signLink(input: SignLinkInput): string {
  const { secret, path, parameter, issuedAt, bind = ["path"], flags = LINK_FLAGS } = input;
  if (secret.length === 0) throw new TokenInputError("KEY_UNUSABLE", "the secret is empty");
  const { origin, pathAndQuery } = readLinkTarget(path);
  checkParameter(parameter, pathAndQuery);
  if (pathAndQuery.includes("?") && !bind.includes("query")) {
    throw new TokenInputError(
      "LINK_PATH_INVALID",
      "the link has a query, and is signed for its path alone",
      BIND,
    );
  }
  const issued = Math.floor(secondsOf(issuedAt));
  if (!/^\d{10}$/.test(String(issued))) {
    throw new TokenInputError(
      "LIFETIME_INVALID",
      "the time of a link has to have 10 digits: from 2001-09-09 to 2286-11-20",
    );
  }
  const mac = encodeMac(linkMac(secret, pathAndQuery, issued), flags);
  return `${origin}${linkPrefix(pathAndQuery, parameter)}${issued}-${mac}`;
}

/** A link's place: `origin` is empty for a bare path; `pathAndQuery` is what `http.request.uri` holds. */
export interface LinkTarget {
  readonly origin: string;
  readonly pathAndQuery: string;
}

/**
 * Reads a path (`/a/b.jpg?x=1`) or an absolute http(s) URL. What is to be signed has to be in the form that the
 * edge sees after URL normalization (RFC 3986 §6.2.2, and Cloudflare's merging of slashes); how normalization
 * acts on `http.request.uri` is not documented, so every other form is refused. Throws `TokenInputError`.
 */
export function readLinkTarget(text: string): LinkTarget {
  const absolute = /^https?:\/\/[^/?#]+/i.exec(text)?.[0] ?? "";
  const pathAndQuery = text.slice(absolute.length);
  if (!pathAndQuery.startsWith("/")) {
    throw new TokenInputError(
      "LINK_PATH_INVALID",
      "a link is a path that starts with `/`, or an http(s) URL with a path",
    );
  }
  if (pathAndQuery.includes("#")) {
    throw new TokenInputError(
      "LINK_PATH_INVALID",
      "a fragment (`#…`) is not sent to the edge",
      "Leave it out.",
    );
  }
  const normal = normalize(pathAndQuery);
  if (normal !== pathAndQuery) {
    throw new TokenInputError(
      "LINK_PATH_INVALID",
      "the path is not normalized",
      `Sign ${quote(normal, 400)} instead.`,
    );
  }
  const trick = pathTrick(pathAndQuery);
  if (trick !== undefined)
    throw new TokenInputError("LINK_PATH_INVALID", trick, "Name the file so that its path needs none.");
  return { origin: absolute, pathAndQuery };
}

/**
 * Why the edge may read a path otherwise than it was signed, or refuses it before it looks at a signature: not
 * normalized, or one of the path tricks that keyturn's rules refuse.
 */
export function pathProblem(pathAndQuery: string): string | undefined {
  const [path = ""] = pathAndQuery.split("?");
  if (!path.startsWith("/")) return "the path does not begin with `/`";
  const normal = normalize(path);
  return normal === path
    ? pathTrick(path)
    : `the path is not normalized, which would be ${quote(normal, 400)}`;
}

function pathTrick(pathAndQuery: string): string | undefined {
  const [path = ""] = pathAndQuery.split("?");
  const views = { sent: path.toLowerCase(), read: path.replaceAll(/%([0-9a-f]{2})/gi, decodeByte) };
  const found = PATH_TRICKS.find(({ view, text, segment }) =>
    segment ? `${views[view]}/`.includes(`${text}/`) : views[view].includes(text),
  );
  return (
    found &&
    `the path has ${quote(found.text)}${found.view === "read" ? ", encoded or not" : ""}: ${found.reason}`
  );
}

function decodeByte(_escape: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** Refuses a parameter name that would need encoding, or that the query has already. Throws `TokenInputError`. */
export function checkParameter(parameter: string, pathAndQuery: string): void {
  if (!/^[A-Za-z0-9_-]+$/.test(parameter)) {
    throw new TokenInputError(
      "LINK_PARAMETER_INVALID",
      `${quote(parameter)} is no plain name for a query parameter`,
    );
  }
  const query = pathAndQuery.split("?").slice(1).join("?");
  if (new URLSearchParams(query).has(parameter)) {
    throw new TokenInputError("LINK_PARAMETER_INVALID", `the query has a parameter \`${parameter}\` already`);
  }
}

function normalize(pathAndQuery: string): string {
  const [path = "", ...query] = pathAndQuery.replaceAll("\\", "/").split("?");
  const decoded = path.replaceAll(ESCAPE, decodeUnreserved).replaceAll(/\/{2,}/g, "/");
  const { pathname } = new URL(`https://host.invalid${decoded}`);
  const text = [pathname, ...query].join("?").replaceAll(ESCAPE, decodeUnreserved);
  return text.replaceAll(NOT_ALLOWED, encodeURIComponent);
}

const ESCAPE = /%[0-9a-f]{2}/gi;
/** All but unreserved and reserved characters and the sign of an escape (RFC 3986 §2). */
const NOT_ALLOWED = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]+/gu;

/** Percent-encoding of unreserved characters is undone, other hex digits are upper case (RFC 3986 §6.2.2). */
function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
}

/**
 * `s`: URL-safe Base64 without padding, 43 characters. Empty: standard Base64, URL-encoded, 44 or more.
 * The flags argument of is_timed_hmac_valid_v0.
 */
export type LinkFlags = "s" | "";

/** HMAC-SHA256 over message and time as Cloudflare computes it; the separator is not signed. */
export function linkMac(secret: Uint8Array, message: string, issuedAt: number): Uint8Array {
  return createHmac("sha256", secret).update(`${message}${issuedAt}`, "utf8").digest();
}

/** The bytes of the secret in a link ring's key: the UTF-8 of the password, which `k` holds as base64url. */
export function secretOf(jwk: JWK): Uint8Array {
  return Buffer.from(jwk.k ?? "", "base64url");
}

/** The MAC as it stands in a link. */
export function encodeMac(mac: Uint8Array, flags: LinkFlags): string {
  const bytes = Buffer.from(mac);
  return flags === "s" ? bytes.toString("base64url") : encodeURIComponent(bytes.toString("base64"));
}

/**
 * The bytes of a MAC as it stands in a link, or undefined when it is not encoded as the flags demand
 * (`edgeChoices.macEncoding`).
 */
export function decodeMac(text: string, flags: LinkFlags): Uint8Array | undefined {
  const [encoding, base64] =
    flags === "s" ? (["base64url", text] as const) : (["base64", unescapeMac(text)] as const);
  const bytes = Buffer.from(base64, encoding);
  return bytes.length === 32 && bytes.toString(encoding) === base64 ? bytes : undefined;
}

/** Undoes URL encoding of the three characters of standard Base64 that need it; anything else becomes no Base64. */
function unescapeMac(text: string): string {
  return /^(?:[A-Za-z0-9]|%2[BbFf]|%3[Dd])+$/.test(text) ? decodeURIComponent(text) : "";
}

/** Compares two MACs in constant time. */
export function macsEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
