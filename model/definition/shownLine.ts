import { secretKind } from "./secrets.ts";
import type { Source } from "./source.ts";

/**
 * A line of a definition file, for people to see. Control characters are blanks, so that they cannot play with a
 * terminal and columns stay what they are.
 *
 * @param line counts from 1
 * @returns undefined for a line that is not there, and for one that is part of what looks like a secret, whether a
 *   comment calls it none or not
 */
export function shownLine(source: Source, line: number): string | undefined {
  const row = source.rows[line - 1];
  if (row === undefined || hides(source, line, row)) return undefined;
  return row.replaceAll(/\p{C}/gu, (letter) => " ".repeat(letter.length));
}

function hides(source: Source, line: number, row: string): boolean {
  if (secretKind(row) !== undefined) return true;
  const inside = source.texts.filter(({ at, lastLine }) => at.line <= line && line <= lastLine);
  if (inside.some(({ text }) => secretKind(text) !== undefined)) return true;
  // Where the file cannot be read, nobody knows where a secret of several lines ends.
  const unread = source.problems.some(({ code }) => code === "YAML_SYNTAX");
  return unread && source.rows.some((each) => secretKind(each) !== undefined);
}
