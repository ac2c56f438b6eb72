import type { ZodError } from "zod";

/** How grave a problem is: an error stops every deploy, a warning is only shown. */
export type Severity = "error" | "warning";

/** A place in a definition file. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing wrong in a definition: where, what, and how to mend it. Never holds a secret. */
export interface Problem extends Position {
  /** Stable name, a row of `problemCodes`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly severity: Severity;
}

/** Sorts problems by file, line, column and code, and drops exact repeats. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.code, b.code),
  );
  return [...new Map(sorted.map((problem) => [formatProblem(problem), problem])).values()];
}

/** Prints problems one after the other as `file:line:col code: message`, each with its hint below. */
export function formatProblems(problems: readonly Problem[]): string {
  return sortProblems(problems).map(formatProblem).join("\n");
}

function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const word = problem.severity === "warning" ? "warning " : "";
  return `${place} ${word}${problem.code}: ${problem.message}\n    ${problem.hint}`;
}

/** All problems of a set of definitions in one error, sorted by position. */
export class ProblemError extends Error {
  readonly code = "DEFINITIONS_INVALID";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = "ProblemError";
    this.problems = sortProblems(problems);
  }
}

/** The problems that stop a deploy. */
export function errorsOf(problems: readonly Problem[]): Problem[] {
  return problems.filter((problem) => problem.severity === "error");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where and what the first thing is that does not fit a schema, for what people do not write themselves. */
export function firstMisfit({ issues: [first] }: ZodError): string {
  return `${first?.path.join(".")}: ${first?.message}`;
}
