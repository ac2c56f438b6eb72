/** A limit of the language with where it is from. */
export interface LimitRow {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  readonly asOf: string;
}

const docs = "developers.cloudflare.com: ruleset-engine/rules-language";

/** Limits of the language. A `CheckContext` may override each by name. */
export const LIMITS = {
  expressionLength: { value: 4096, unit: "characters", source: `${docs}/expressions`, asOf: "2026-11" },
  rawStringHashes: { value: 255, unit: "# signs", source: `${docs}/values`, asOf: "2026-11" },
  splitLimit: { value: 128, unit: "elements", source: `${docs}/functions (split)`, asOf: "2026-11" },
  arrayIndex: {
    value: 2 ** 32 - 1,
    unit: "highest position",
    source: "the public engine (github.com/cloudflare/wirefilter)",
    asOf: "2026-11",
  },
  nestingDepth: {
    value: 128,
    unit: "levels of parentheses, calls and nots",
    source: "the public engine (github.com/cloudflare/wirefilter)",
    asOf: "2026-11",
  },
  regexSize: {
    value: 10_000,
    unit: "instructions of the compiled pattern",
    source:
      "not documented; Rust's crate has a limit of this kind, and a rule must not cost seconds to compile",
    asOf: "2026-11",
  },
  indexDepth: {
    value: 8,
    unit: "indexes after one another",
    source: "not documented; deeper than any field's type",
    asOf: "2026-11",
  },
} as const satisfies Record<string, LimitRow>;

export type LimitName = keyof typeof LIMITS;
