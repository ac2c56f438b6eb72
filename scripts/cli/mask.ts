import { maskSecrets as maskRuns } from "../../infra/providers/cloudflareApi.ts";

const mask = "[masked]";

/** Shapes of key material that may have got into a text, each with what stays of it. Every one is found in linear time. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
  // Private members of a JWK (RFC 7518 §6), also in JSON that was quoted once more.
  [/(?<!\\)(\\*["'](?:k|d|p|q|dp|dq|qi)\\*["']\s*:\s*\\*["'])[^"'\\]+/g, `$1${mask}`],
  // The key is the first argument, a literal, in Cloudflare's function (docs: WAF token authentication).
  [/(is_timed_hmac_valid_v0\s*\(\s*)(?:\\*"(?:[^"\\]|\\.)*"?|r#*"[^"]*(?:"#*)?)/g, `$1${mask}`],
  // `<10 digits>-<MAC>` of a signed link, whichever parameter it stands in.
  [/\b(\d{10})-[A-Za-z0-9+/=_%-]{43,}/g, `$1-${mask}`],
];

/** Words in which a compact JWS can stand. */
const dotted = /[\w.-]+/g;

/**
 * Takes tokens, private keys and HMAC literals out of a text, and every run of 8 or more characters of a secret that
 * is known. The last line of defence before stderr: our own messages never hold any, but a failed library or API may
 * quote what it was given.
 */
export function maskSecrets(text: string, known: readonly string[] = []): string {
  const runs = known.length === 0 ? text : maskRuns(text, known);
  return shapes.reduce(
    (masked, [shape, replacement]) => masked.replace(shape, replacement),
    runs.replace(dotted, maskJws),
  );
}

/** A compact JWS (RFC 7515 §3.1), with or without signature: its header begins with `{"`. */
function maskJws(word: string): string {
  for (let at = word.indexOf("eyJ"); at >= 0; at = word.indexOf("eyJ", word.indexOf(".", at))) {
    const dot = word.indexOf(".", at);
    if (dot < 0) return word;
    if (dot - at >= 8) return word.slice(0, at) + mask;
  }
  return word;
}

/** Private members of JWKs (RFC 7518 §6) anywhere in a value, and a value that is a text itself. */
export function secretsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (typeof member !== "string") return secretsIn(member);
    return ["k", "d", "p", "q", "dp", "dq", "qi"].includes(name) ? [member] : [];
  });
}
