/** Every code a problem of an expression can have, with what it means. */
export const PROBLEMS = {
  EXPRESSION_EMPTY: "the expression has no text",
  EXPRESSION_TOO_LONG: "the expression is longer than Cloudflare takes",
  EXPRESSION_TOO_DEEP: "parentheses, calls, nots or indexes nest deeper than the stated depth",
  UNEXPECTED_CHARACTER: "a character that starts nothing in the language",
  UNEXPECTED_TOKEN: "a word or sign where something else must stand",
  UNTERMINATED_STRING: "a string without its closing quote",
  INVALID_ESCAPE: "a backslash sequence that quoted strings do not have",
  INVALID_INTEGER: "digits that are not a 64-bit integer",
  INVALID_IP: "text that looks like an address but is none",
  UNKNOWN_FIELD: "no field of that name",
  UNKNOWN_FUNCTION: "no function of that name",
  UNKNOWN_LIST: "no list of that name in the account",
  UNKNOWN_TOKEN_CONFIGURATION: "no token configuration with that id",
  FIELD_NOT_AVAILABLE: "the field exists, but not for this plan, add-on or phase",
  FUNCTION_NOT_AVAILABLE: "the function exists, but not for this plan, add-on or phase",
  OPERATOR_NOT_AVAILABLE: "the operator exists, but not for this plan",
  TYPE_MISMATCH: "an operator, index or argument does not fit the type of its value",
  RESULT_TYPE: "the whole expression yields another type than its place needs",
  ARGUMENT_COUNT: "a function with too few or too many arguments",
  ARGUMENT_LITERAL: "an argument that must be a literal is not, or the reverse",
  ARGUMENT_INVALID: "a literal argument outside of what the function takes",
  FUNCTION_ONCE: "a function that may stand only once in an expression stands more often",
  UNPACK_INVALID: "[*] where it may not stand",
  LIST_INVALID: "an inline list that is empty or mixes types",
  RANGE_INVALID: "a range whose end is before its start, or of two kinds",
  CIDR_INVALID: "an address block with a wrong prefix length",
  REGEX_INVALID: "a regular expression that the engine does not take",
  WILDCARD_INVALID: "a wildcard pattern that is not allowed",
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing wrong with an expression. `offset` and `length` count UTF-16 units, `line` and `column` start at 1. */
export interface ExpressionProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
  /** What would be right in this place. */
  readonly expected?: string;
  /** What the author probably meant, ready to be written instead. */
  readonly suggestion?: string;
}

export interface ProblemDetail {
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

type MakeProblem = (
  code: ProblemCode,
  start: number,
  end: number,
  message: string,
  detail?: ProblemDetail,
) => ExpressionProblem;

/** Builds the problems of one text, each for `source[start, end)`; line and column are computed here. */
export function problemsIn(source: string): MakeProblem {
  const lineStarts = [0, ...Array.from(source.matchAll(/\n/g), ({ index }) => index + 1)];
  return (code, start, end, message, detail = {}) => {
    let [line, beyond] = [0, lineStarts.length];
    while (beyond - line > 1) {
      const middle = (line + beyond) >> 1;
      if ((lineStarts[middle] as number) <= start) line = middle;
      else beyond = middle;
    }
    return {
      code,
      message,
      offset: start,
      length: Math.max(0, end - start),
      line: line + 1,
      column: start - (lineStarts[line] as number) + 1,
      ...(detail.expected === undefined ? {} : { expected: detail.expected }),
      ...(detail.suggestion === undefined ? {} : { suggestion: detail.suggestion }),
    };
  };
}

/**
 * The source with the secret of every `is_timed_hmac_valid_v0` call covered by asterisks of the same
 * length. It works on text that does not parse, and on misspelled names with `hmac` in them, so that a
 * problem can be shown without showing a key.
 */
export function maskSecrets(source: string): string {
  // Two patterns, each without a way back: a single one would try every place of a long run of words or blanks.
  const name = /hmac[\w.]*/gi;
  const opening = /\s*(?:\(\s*)?(?:r(#*)"|")/y;
  let masked = "";
  let done = 0;
  while (name.exec(source) !== null) {
    opening.lastIndex = name.lastIndex;
    const match = opening.exec(source);
    if (match === null) continue;
    const open = opening.lastIndex;
    const hashes = match[1];
    let close = open;
    if (hashes !== undefined) {
      const found = source.indexOf(`"${hashes}`, open);
      close = found < 0 ? source.length : found;
    } else {
      while (close < source.length && source[close] !== '"') close += source[close] === "\\" ? 2 : 1;
      close = Math.min(close, source.length);
    }
    masked += source.slice(done, open) + source.slice(open, close).replace(/[^\n]/g, "*");
    done = close;
    name.lastIndex = close;
  }
  return masked + source.slice(done);
}

const windowWidth = 100;

function snippet(lineText: string, column: number, length: number): string {
  let from = 0;
  let text = lineText;
  if (lineText.length > windowWidth) {
    from = Math.max(0, Math.min(column - 1 - windowWidth / 2, lineText.length - windowWidth));
    text = lineText.slice(from, from + windowWidth);
  }
  const lead = from > 0 ? "…" : "";
  const trail = from + text.length < lineText.length ? "…" : "";
  const at = column - 1 - from;
  const carets = "^".repeat(Math.max(1, Math.min(length, text.length - at)));
  return `  ${lead}${text.replaceAll("\t", " ")}${trail}\n  ${" ".repeat(lead.length + Math.max(0, at))}${carets}`;
}

/**
 * Renders problems for people: position, code, sentence, then the line with carets under the text.
 * Keys of `is_timed_hmac_valid_v0` are masked.
 */
export function formatProblems(source: string, problems: readonly ExpressionProblem[]): string {
  const lines = maskSecrets(source).split("\n");
  return problems
    .map((problem) => {
      const hints = [
        problem.expected === undefined ? "" : `; expected ${problem.expected}`,
        problem.suggestion === undefined ? "" : `; did you mean ${problem.suggestion}?`,
      ].join("");
      const head = `${problem.line}:${problem.column} ${problem.code}: ${problem.message}${hints}`;
      return `${head}\n${snippet(lines[problem.line - 1] ?? "", problem.column, problem.length)}`;
    })
    .join("\n");
}

/**
 * The only error the language throws. The expression itself is kept out of its message and of its
 * enumerable members, since it may hold a secret; `format()` shows it with secrets masked.
 */
export class ExpressionError extends Error {
  readonly code: ProblemCode;
  readonly problems: readonly ExpressionProblem[];
  readonly #source: string;

  constructor(source: string, problems: readonly ExpressionProblem[]) {
    const first = problems[0] as ExpressionProblem;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    super(`${first.line}:${first.column} ${first.code}: ${first.message}${more}`);
    this.name = "ExpressionError";
    this.code = first.code;
    this.problems = problems;
    this.#source = source;
  }

  /** All problems with the text they are about and carets under it. */
  format(): string {
    return formatProblems(this.#source, this.problems);
  }
}
