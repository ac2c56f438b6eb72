/**
 * From when on a regular expression is worth a warning. Cloudflare's engine works in time linear in the text (RE2,
 * Rust's regex), so that no pattern hangs; but it compiles a counted repetition into so many copies.
 */
export const REGEX_COST = {
  copies: {
    value: 1_000,
    unit: "copies of one part of a pattern",
    source: "github.com/google/re2: the most that one repetition may count; nested ones multiply",
    asOf: "2026-11",
  },
} as const;
