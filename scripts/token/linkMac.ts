import { createHmac, timingSafeEqual } from "node:crypto";
import type { JWK } from "jose";

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
