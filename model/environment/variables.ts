import { nearest } from "../definition/nearest.ts";
import { ADVANCE_VARIABLE } from "../ring/advance.ts";

/** Environment variables of keyturn's own, with what each is for. No other name that begins so is taken. */
export const VARIABLES = {
  [ADVANCE_VARIABLE]:
    "the move that `keyturn rotate` and its sister commands hand to the program; not set by hand",
  KEYTURN_RULES: "folder of the definitions; default: rules/ of the project",
  KEYTURN_CONFIRM:
    "digest of a change that opens or closes more endpoints than keyturn:changesAtMost; the refusal names it",
} as const;

/** What the environment says. */
export interface Variables {
  readonly advance: string | undefined;
  readonly rules: string | undefined;
  readonly confirm: string | undefined;
}

/** A misspelt variable would be passed over without a word. */
export class VariableError extends Error {
  readonly code = "VARIABLE_UNKNOWN";
}

/**
 * Reads the variables of `VARIABLES`; an empty one counts as unset.
 *
 * @throws VariableError naming every `KEYTURN_…` that is none of them
 */
export function readVariables(environment: Readonly<Record<string, string | undefined>>): Variables {
  const known = Object.keys(VARIABLES);
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith("KEYTURN_") && !known.includes(name),
  );
  if (unknown.length > 0) {
    const lines = unknown.map((name) => {
      const guess = nearest(name, known);
      return `VARIABLE_UNKNOWN: the environment sets ${name}, which keyturn does not know\n    ${guess === undefined ? `known: ${known.join(", ")}` : `did you mean ${guess}?`}`;
    });
    throw new VariableError(lines.join("\n"));
  }
  return {
    advance: environment[ADVANCE_VARIABLE] || undefined,
    rules: environment.KEYTURN_RULES || undefined,
    confirm: environment.KEYTURN_CONFIRM || undefined,
  };
}
