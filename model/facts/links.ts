/**
 * How a signed link is built, so that issuer and rule agree. A link is
 * `<path>[?<query>]<separator><issued>-<mac>` with the MAC parameter last:
 * separator = `?verify=` (or `&verify=` after another parameter), issued = 10 digits of Unix seconds,
 * mac = HMAC-SHA256 over the text before the separator followed by `issued`, as URL-safe Base64 without
 * padding: 43 characters, which no URL normalization rewrites.
 * Source: developers.cloudflare.com/ruleset-engine/rules-language/functions, `is_timed_hmac_valid_v0`, 2026-11.
 */
export const LINK_FLAGS = "s";

/** Bytes between the signed text and the timestamp: `?` or `&`, the parameter's name, `=`. */
export function separatorLength(parameter: string): number {
  return parameter.length + 2;
}

/** The text that stands before the timestamp in a link: the path, any query, and the parameter's separator. */
export function linkPrefix(pathAndQuery: string, parameter: string): string {
  return `${pathAndQuery}${pathAndQuery.includes("?") ? "&" : "?"}${parameter}=`;
}
