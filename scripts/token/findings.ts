import {
  type RefusalCode,
  type TokenInputCode,
  tokenCodes,
  tokenInputErrors,
  type WarningCode,
} from "../../model/codes/tokenCodes.ts";
import { formatDuration } from "../../model/facts/durations.ts";

/** One thing found out about a token or link: a stable code, the particulars, and what to do. */
export interface Finding<Code extends string = RefusalCode | WarningCode> {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
}

export type Refusal = Finding<RefusalCode>;
export type Warning = Finding<WarningCode>;

/** A finding whose hint is the code's remedy. */
export function finding<Code extends RefusalCode | WarningCode>(code: Code, message: string): Finding<Code> {
  return { code, message, hint: tokenCodes[code].remedy };
}

/**
 * A key, claim, lifetime or path that cannot be used. The message says which rule is broken and never quotes
 * key material.
 */
export class TokenInputError extends Error {
  override readonly name = "TokenInputError";
  readonly code: TokenInputCode;
  readonly hint: string;

  constructor(code: TokenInputCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint ?? tokenInputErrors[code].remedy;
  }
}

/** An instant relative to now, both in seconds since 1970: `in 14m`, `2h 5s ago`, `now`. */
export function describeInstant(instant: number, now: number): string {
  const away = instant - now;
  if (Math.abs(away) < 1) return "now";
  const length = formatDuration(Math.floor(Math.abs(away)));
  return away > 0 ? `in ${length}` : `${length} ago`;
}

/** An instant in seconds since 1970 as ISO 8601 in UTC; numbers that no date can hold stay numbers. */
export function isoOf(instant: number): string {
  const date = new Date(instant * 1000);
  return Number.isNaN(date.getTime()) ? String(instant) : date.toISOString().replace(".000Z", "Z");
}

/** Seconds since 1970 of a date, fractions kept. */
export function secondsOf(date: Date): number {
  return date.getTime() / 1000;
}

/** Characters that move a terminal's cursor or turn the direction of writing; JSON leaves them as they are. */
const unprintable = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A value from a token as JSON, safe for a terminal and cut to `limit` characters: tokens come from strangers.
 */
export function quote(value: unknown, limit = 80): string {
  const safe = (JSON.stringify(value) ?? "undefined").replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return safe.length > limit ? `${safe.slice(0, limit)}…` : safe;
}
