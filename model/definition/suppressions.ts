import { type ProblemCode, problem, problemCodes } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { secretKind, show } from "./secrets.ts";
import { NO_SECRET, type Source } from "./source.ts";

/** A warning that a file takes for known: `# keyturn: ignore CODE until 2027-03-01, because <reason>`. */
export interface Suppression {
  readonly code: ProblemCode;
  readonly at: Position;
  /** The line whose warning is meant. */
  readonly about: number;
  /** The first day, in UTC, on which it no longer holds. */
  readonly until: string;
  readonly reason: string;
}

/** A warning that is not shown, and why. */
export interface Suppressed {
  readonly problem: Problem;
  readonly until: string;
  readonly reason: string;
}

const FORM = /^ignore\s+([A-Z_]+)\s+until\s+(\d{4}-\d{2}-\d{2}),?\s+because\s+(\S.*)$/;
const HINT = "write # keyturn: ignore CODE until 2027-03-01, because <reason>, with a date that exists";

/** The suppressions of a file, and what is wrong with them. What is wrong with one only shows the warning it meant. */
export function suppressionsIn(source: Source): {
  readonly suppressions: readonly Suppression[];
  readonly problems: readonly Problem[];
} {
  const suppressions: Suppression[] = [];
  const problems: Problem[] = [];
  for (const { text, at, about } of source.remarks) {
    if (NO_SECRET.test(text)) continue;
    const [, code = "", until = "", reason = ""] = FORM.exec(text) ?? [];
    if (!isDay(until)) {
      problems.push(problem("SUPPRESSION_INVALID", at, "the comment to keyturn is not understood", HINT));
    } else if (!isCode(code)) {
      const near = nearest(code, Object.keys(problemCodes));
      const hint = near === undefined ? "`keyturn explain` lists all codes" : `did you mean ${near}?`;
      problems.push(problem("SUPPRESSION_CODE_UNKNOWN", at, `there is no code ${show(code)}`, hint));
    } else if (problemCodes[code].severity === "error") {
      const message = `${code} is an error, and only warnings can be ignored`;
      problems.push(problem("SUPPRESSION_OF_ERROR", at, message, "mend the error, and remove the comment"));
    } else {
      const shown = secretKind(reason) === undefined ? reason : "(hidden)";
      suppressions.push({ code, at, about, until, reason: shown });
    }
  }
  return { suppressions, problems };
}

/**
 * Takes the suppressed warnings out.
 *
 * @param today the day in UTC, `YYYY-MM-DD`
 * @param isSought whether all problems of a code that the files can bring about were looked for; else nobody knows what
 *   hits nothing
 * @returns `problems`: the others, with those of the suppressions themselves
 */
export function suppress(
  problems: readonly Problem[],
  suppressions: readonly Suppression[],
  today: string,
  isSought: (code: ProblemCode) => boolean,
): { readonly problems: readonly Problem[]; readonly suppressed: readonly Suppressed[] } {
  const holds = ({ until }: Suppression) => today < until;
  const hits = ({ code, at, about }: Suppression, each: Problem) =>
    each.code === code && each.file === at.file && each.line === about;
  const suppressed = problems.flatMap((each): Suppressed[] => {
    const by = suppressions.find((one) => holds(one) && hits(one, each));
    return by === undefined ? [] : [{ problem: each, until: by.until, reason: by.reason }];
  });
  const own = suppressions.flatMap((one): Problem[] => {
    const { code, at, until } = one;
    if (!holds(one)) {
      const hint = "mend the warning and remove the comment, or give it another end and say why";
      return [problem("SUPPRESSION_ENDED", at, `${code} was to be ignored until ${until}`, hint)];
    }
    if (!isSought(code) || problems.some((each) => hits(one, each))) return [];
    const message = `there is no ${code} to ignore on line ${one.about}`;
    return [
      problem("SUPPRESSION_UNUSED", at, message, "remove the comment, or move it to the warning's line"),
    ];
  });
  const gone = new Set(suppressed.map((each) => each.problem));
  return { problems: [...problems.filter((each) => !gone.has(each)), ...own], suppressed };
}

function isDay(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text) && text !== "";
}

function isCode(text: string): text is ProblemCode {
  return Object.hasOwn(problemCodes, text);
}
