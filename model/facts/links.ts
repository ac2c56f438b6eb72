/**
 * How a signed link is built, so that issuer and rule agree. A link is
 * `<path>[?<query>]<separator><issued>-<mac>` with the MAC parameter last:
 * separator = `?verify=` (or `&verify=` after another parameter), issued = 10 digits of Unix seconds,
 * mac = HMAC-SHA256 over the text before the separator followed by `issued`, as URL-safe Base64 without
 * padding: 43 characters, which no URL normalization rewrites.
 *
 * The separator is not signed: wherever in path or query it stood, the MAC would be valid. So a rule accepts one
 * form alone: the query is the parameter with a value of `LINK_VALUE_LENGTH`; or, in a ring that binds the query, ends
 * in `&`, the parameter and such a value, and what stands before is signed with the path.
 * Source: developers.cloudflare.com/ruleset-engine/rules-language/functions, `is_timed_hmac_valid_v0`, 2026-11.
 */
export const LINK_FLAGS = "s";

/** Bytes of the parameter's value: the time, `-`, the MAC. */
export const LINK_VALUE_LENGTH = 10 + 1 + 43;

/** Bytes between the signed text and the timestamp: `?` or `&`, the parameter's name, `=`. */
export function separatorLength(parameter: string): number {
  return parameter.length + 2;
}

/** The text that stands before the timestamp in a link: the path, any query, and the parameter's separator. */
export function linkPrefix(pathAndQuery: string, parameter: string): string {
  return `${pathAndQuery}${pathAndQuery.includes("?") ? "&" : "?"}${parameter}=`;
}
