import { nearest } from "../../model/definition/nearest.ts";
import { problemCodes } from "../../model/problem/codes.ts";
import { jwtRefusals, linkRefusals, tokenInputErrors, tokenWarnings } from "../token/tokenCodes.ts";
import { type CodeRow, commandCodes } from "./commandCodes.ts";
import { exitCodes } from "./exitCodes.ts";
import { rotationCodes } from "./rotationCodes.ts";

/** One code as `keyturn explain` shows it. */
export interface ExplainedCode {
  readonly code: string;
  /** Where the code comes up: `error in a definition`, `refused token`, `exit code 2`. */
  readonly about: string;
  readonly meaning: string;
  /** Missing for problems of definitions: their remedy depends on the place and is printed there. */
  readonly remedy?: string;
}

const ofProblems: readonly ExplainedCode[] = Object.entries(problemCodes).map(([code, row]) => ({
  code,
  about: `${row.severity} in a definition`,
  meaning: row.explanation,
}));

const ofCommands: readonly ExplainedCode[] = Object.entries({ ...commandCodes, ...rotationCodes }).map(
  ([code, { exit, meaning, remedy }]) => ({ code, about: `exit code ${exitCodes[exit]}`, meaning, remedy }),
);

/** Every code that keyturn prints, from the tables of their owners, sorted. */
export const explainedCodes: readonly ExplainedCode[] = [
  ...ofProblems,
  ...ofCommands,
  ...rows("refused token", jwtRefusals),
  ...rows("refused link", linkRefusals),
  ...rows("warning about a token, link or key", tokenWarnings),
  ...rows("unusable key, claim or path", tokenInputErrors),
].sort((a, b) => (a.code < b.code ? -1 : 1));

/** The code that a misspelt one most likely means. */
export function nearestCode(code: string): string | undefined {
  return nearest(
    code,
    explainedCodes.map((row) => row.code),
  );
}

function rows(about: string, table: Readonly<Record<string, CodeRow>>): readonly ExplainedCode[] {
  return Object.entries(table).map(([code, { meaning, remedy }]) => ({ code, about, meaning, remedy }));
}
