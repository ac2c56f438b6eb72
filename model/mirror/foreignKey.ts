/** One key as somebody else publishes it, and what can be said of it without using it. */
import { z } from "zod";

/** A JWK (RFC 7517 section 4) with the members that are looked at. Unknown ones are none of ours. */
export const foreignKey = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
});

export type ForeignKey = z.infer<typeof foreignKey>;

/** Members that only whoever signs may have (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

/** The names of a key's private members; none in a public key. */
export function privateMembersOf(key: ForeignKey): string[] {
  return PRIVATE.filter((member) => Object.hasOwn(key, member));
}

/** Whether a member is what RFC 7515 section 2 calls base64url. */
export function isMaterial(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]+$/.test(text);
}

/** The length of a modulus (RFC 7518 section 6.3.1.1), without leading zeros. */
export function modulusBits(n: string): number {
  const digits = hexadecimal(n);
  return digits === "" ? 0 : BigInt(`0x${digits}`).toString(2).length;
}

/** What is wrong with a public exponent (RFC 7518 section 6.3.1.2); undefined for a good one. */
export function weakExponent(e: string): string | undefined {
  const value = BigInt(`0x${hexadecimal(e) || "0"}`);
  if (value < 3n) return `the exponent ${value}, with which every signature is its own message`;
  return value % 2n === 0n ? "an even exponent, which no RSA key has" : undefined;
}

function hexadecimal(text: string): string {
  return Buffer.from(text, "base64url").toString("hex").replace(/^0+/, "");
}
