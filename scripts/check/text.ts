import type { Problem } from "../../model/problem/problem.ts";
import type { CheckReport } from "./checkProject.ts";

/** Characters of a line that are shown at most, around the place. */
const WIDTH = 120;

/** Problems for a person: `file:line:col CODE: …`, the line with a caret under the place, and what to write. */
export function asText({ result, lineOf }: CheckReport): string {
  return result.problems.map((problem) => shown(problem, lineOf(problem))).join("");
}

function shown(problem: Problem, line: string | undefined): string {
  const { file, column, code, message, hint, severity } = problem;
  const head = `${file}:${problem.line}:${column} ${severity === "warning" ? "warning " : ""}${code}: ${message}`;
  const rows = line === undefined ? [] : underlined(line, column);
  return [head, ...rows, hint].join("\n    ").concat("\n");
}

/** A line and the caret below it; of a long line the part around the caret. */
function underlined(line: string, column: number): readonly string[] {
  const from = line.length <= WIDTH ? 0 : Math.max(0, Math.min(column - WIDTH / 2, line.length - WIDTH));
  const part = line.slice(from, from + WIDTH);
  const [before, after] = [from > 0 ? "…" : "", from + part.length < line.length ? "…" : ""];
  return [
    `${before}${part}${after}`.trimEnd(),
    `${" ".repeat(before.length + Math.max(0, column - 1 - from))}^`,
  ];
}
