import { PATH_TRICKS } from "../../model/compile/ambiguity.ts";
import { TokenInputError } from "./tokenInputError.ts";
import { quote } from "./words.ts";

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
