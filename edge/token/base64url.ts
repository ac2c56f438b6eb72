const ALPHABET = /^[A-Za-z0-9_-]*$/;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Decodes base64url as RFC 7515 §2 demands it: no padding, no blanks, no other alphabet, and no bits left over in the
 * last character (else one signature had several spellings). Anything else answers undefined.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const rest = text.length % 4;
  if (rest === 1 || !ALPHABET.test(text)) return undefined;
  if (rest !== 0) {
    const unused = rest === 2 ? 0b1111 : 0b11;
    if ((DIGITS.indexOf(text[text.length - 1]!) & unused) !== 0) return undefined;
  }
  return Buffer.from(text, "base64url");
}
