/** Characters of a symmetric secret: letters and digits, about 6 bits each, so that they suffice for HS512. */
export const SECRET_LENGTH = 64;

/**
 * What stands in an expression until it is written to Cloudflare: `${config:<ring>}` for the id of the ring's
 * token configuration, `${secret:<ring>/<key name>}` for a link secret. Groups: kind, name.
 */
export const PLACEHOLDER = /\$\{(config|secret):([a-z0-9/-]+)\}/g;

/** Stands for the id of the ring's token configuration. */
export function configurationPlaceholder(ring: string): string {
  return `\${config:${ring}}`;
}

/** Stands for one secret of an HMAC ring. */
export function secretPlaceholder(ring: string, key: string): string {
  return `\${secret:${ring}/${key}}`;
}

/** A text with stand-ins of the real length for all placeholders. */
export function withStandIns(text: string): string {
  return text.replaceAll(PLACEHOLDER, (_whole, kind: string) =>
    kind === "config" ? "00000000-0000-4000-8000-000000000000" : "s".repeat(SECRET_LENGTH),
  );
}

/** Characters that a text has at Cloudflare, where one beyond ASCII may count as many as it has bytes. */
export function realLength(text: string): number {
  return Buffer.byteLength(withStandIns(text));
}

/** Names of the rings whose placeholders stand in a text, sorted. */
export function ringsIn(text: string): string[] {
  const names = [...text.matchAll(PLACEHOLDER)].map((found) => (found[2] ?? "").split("/")[0] ?? "");
  return [...new Set(names)].sort();
}
