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
  return { origin: absolute, pathAndQuery };
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
  const url = new URL(`https://host.invalid${path.replaceAll(/\/{2,}/g, "/")}`);
  url.search = query.join("?");
  const kept = url.search || (query.length > 0 ? "?" : "");
  return (url.pathname + kept).replaceAll(/%[0-9a-f]{2}/gi, decodeUnreserved);
}

/** Percent-encoding of unreserved characters is undone, other hex digits are upper case (RFC 3986 §6.2.2). */
function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
}
