const mask = "[masked]";

/** Shapes of key material that may have got into a text, each with what stays of it. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // A compact JWS (RFC 7515 §3.1), with or without signature.
  [/\beyJ[\w-]{5,}\.[\w-]*(?:\.[\w-]*)?/g, mask],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
  // Private members of a JWK (RFC 7518 §6), also in JSON that was quoted once more.
  [/(\\*["'](?:k|d|p|q|dp|dq|qi)\\*["']\s*:\s*\\*["'])[^"'\\]+/g, `$1${mask}`],
  // The key is the first argument, a literal, in Cloudflare's function (docs: WAF token authentication).
  [/(is_timed_hmac_valid_v0\s*\(\s*)(?:\\*"(?:[^"\\]|\\.)*"?|r#*"[^"]*"#*)/g, `$1${mask}`],
  // `<10 digits>-<MAC>` of a signed link, whichever parameter it stands in.
  [/\b(\d{10})-[A-Za-z0-9+/=_%-]{43,}/g, `$1-${mask}`],
];

/**
 * Takes tokens, private keys and HMAC literals out of a text. The last line of defence before stderr: our own
 * messages never hold any, but a failed library or API may quote what it was given.
 */
export function maskSecrets(text: string): string {
  return shapes.reduce((masked, [shape, replacement]) => masked.replace(shape, replacement), text);
}
