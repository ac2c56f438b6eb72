import { jwtRefusals, linkRefusals, tokenInputErrors, tokenWarnings } from "../../model/codes/tokenCodes.ts";
import { problemCodes } from "../problem/codes.ts";
import { commandCodes } from "./commandCodes.ts";
import { type CodeRow, type ExitCode, type ExitName, exitCodes } from "./exitCodes.ts";
import { rotationCodes } from "./rotationCodes.ts";

/** One code: what `keyturn explain` shows, and what a command that ends with it exits with. */
export interface ExplainedCode {
  readonly code: string;
  /** Where the code comes up: `error in a definition`, `refused token`, `command or rotation`. */
  readonly about: string;
  /** Exit code of a command that ends with this code; 0 for what only warns. */
  readonly exit: ExitCode;
  readonly meaning: string;
  /** Missing for problems of definitions: their remedy depends on the place and is printed there. */
  readonly remedy?: string;
}

const ofProblems: readonly ExplainedCode[] = Object.entries(problemCodes).map(
  ([code, { severity, explanation }]) => ({
    code,
    about: `${severity} in a definition`,
    exit: severity === "error" ? exitCodes.configuration : exitCodes.ok,
    meaning: explanation,
  }),
);

/** Every code that keyturn prints, from the tables of their owners, sorted. */
export const explainedCodes: readonly ExplainedCode[] = [
  ...ofProblems,
  ...rows("command or rotation", { ...commandCodes, ...rotationCodes }),
  ...rows("refused token", jwtRefusals, "authentication"),
  ...rows("refused link", linkRefusals, "authentication"),
  ...rows("warning about a token, link or key", tokenWarnings, "ok"),
  ...rows("unusable key, claim or path", tokenInputErrors, "configuration"),
].sort((a, b) => (a.code < b.code ? -1 : 1));

const byCode: ReadonlyMap<string, ExplainedCode> = new Map(explainedCodes.map((row) => [row.code, row]));

/** The row of a code, or undefined for a text that is none. */
export function explainedCode(code: string): ExplainedCode | undefined {
  return byCode.get(code);
}

/** The first code that a text of an update names, as `CODE: …`; undefined where it names none. */
export function codeNamedIn(text: string): string | undefined {
  const named = [...text.matchAll(/\b([A-Z]+(?:_[A-Z]+)*): /g)].map((match) => match[1] ?? "");
  return named.find((code) => byCode.has(code));
}

function rows(
  about: string,
  table: Readonly<Record<string, Omit<CodeRow, "exit"> & { readonly exit?: ExitName }>>,
  ofAll?: ExitName,
): readonly ExplainedCode[] {
  return Object.entries(table).map(([code, { exit = ofAll ?? "internal", meaning, remedy }]) => ({
    code,
    about,
    exit: exitCodes[exit],
    meaning,
    remedy,
  }));
}
