import type { UrlNormalization } from "../world/types.ts";

/**
 * Normalizes a URL path, given as a byte string. Both types decode escapes of unreserved characters, write the others with capital digits,
 * escape bytes that may not stand in a URL, and remove dot segments; `cloudflare` also turns `\` into `/` and
 * merges repeated slashes. Reserved characters stay as they are: `%2F` is no slash.
 * Source: developers.cloudflare.com/rules/normalization/how-it-works and /examples (asOf 2026-11).
 */
export function normalizePath(path: string, type: UrlNormalization["type"]): string {
  if (PLAIN.test(path)) return path;
  let text = path.replace(ESCAPE, decodeUnreserved);
  if (type === "cloudflare") text = text.replace(/\\/g, "/");
  text = text.replace(NOT_ALLOWED, encodeBytes);
  if (type === "cloudflare") text = text.replace(/\/{2,}/g, "/");
  return removeDotSegments(text);
}

/** Nothing to do: unreserved characters and single slashes only, no segment that starts with a dot. */
const PLAIN = /^(?:\/(?![./])[A-Za-z0-9\-._~]*)+$/;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** All but unreserved, reserved (RFC 3986 §2.2) and the sign of an escape that is one. */
const NOT_ALLOWED = /%(?![0-9A-F]{2})|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/g;

function decodeUnreserved(_escape: string, digits: string): string {
  const character = String.fromCharCode(Number.parseInt(digits, 16));
  return UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`;
}

function encodeBytes(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "latin1")) {
    encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** RFC 3986 §5.2.4 for an absolute path. */
function removeDotSegments(path: string): string {
  if (!path.includes("/.")) return path;
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (last && (segment === "." || segment === "..")) kept.push("");
  }
  return `/${kept.join("/")}`;
}
