/**
 * A seeded generator (sfc32 by Chris Doty-Humphrey, public domain) for ids, lags and anything else that a
 * test must be able to repeat. Not for cryptographic use.
 */
export type Random = () => number;

/** Where a generator stands in its sequence. */
export interface RandomState {
  a: number;
  b: number;
  c: number;
  counter: number;
}

/** The beginning of a seed's sequence. */
export function seededState(seed: number | string): RandomState {
  const next = hashWords(String(seed));
  return { a: next(), b: next(), c: next(), counter: next() };
}

/** A generator of numbers in [0, 1), which moves `state` on. Equal seeds give equal sequences. */
export function createRandom(from: number | string | RandomState): Random {
  const state = typeof from === "object" ? from : seededState(from);
  return () => {
    const { a, b, c, counter } = state;
    const sum = (((a + b) | 0) + counter) | 0;
    state.counter = (counter + 1) | 0;
    state.a = b ^ (b >>> 9);
    state.b = (c + (c << 3)) | 0;
    state.c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
}

/** `length` hexadecimal digits. */
export function hexDigits(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += Math.floor(random() * 16).toString(16);
  return text;
}

/** A version 4 UUID (RFC 9562 §5.4). */
export function uuid(random: Random): string {
  const digits = hexDigits(random, 32);
  const variant = "89ab"[Math.floor(random() * 4)];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join("-");
}

/** 32-bit words from a text; sfc32 needs well mixed starting values. */
function hashWords(text: string): () => number {
  let hash = 1779033703 ^ text.length;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash | 0;
  };
}
