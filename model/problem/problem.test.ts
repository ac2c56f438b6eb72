import { expect, test } from "vitest";
import { problem, problemCodes } from "./codes.ts";
import { errorsOf, formatProblems, ProblemError } from "./problem.ts";

const at = (file: string, line: number, column: number) => ({ file, line, column });
const late = problem("RULE_EMPTY", at("b.yaml", 2, 1), "late", "mend it");
const early = problem("RING_UNUSED", at("a.yaml", 10, 3), "early", "use it");
const middle = problem("YAML_SYNTAX", at("a.yaml", 10, 12), "middle", "write it");

test("problems are sorted by place, printed with their hint, and never twice", () => {
  expect(formatProblems([late, middle, early, middle])).toBe(
    [
      "a.yaml:10:3 warning RING_UNUSED: early",
      "    use it",
      "a.yaml:10:12 YAML_SYNTAX: middle",
      "    write it",
      "b.yaml:2:1 RULE_EMPTY: late",
      "    mend it",
    ].join("\n"),
  );
});

test("an error holds them all", () => {
  const error = new ProblemError([late, early]);
  expect([error.code, error.problems, error.message]).toEqual([
    "DEFINITIONS_INVALID",
    [early, late],
    formatProblems([early, late]),
  ]);
});

test("only errors stop a deploy", () => {
  expect(errorsOf([late, early, middle])).toEqual([late, middle]);
});

test("every code explains itself in a sentence", () => {
  for (const [code, row] of Object.entries(problemCodes)) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(row.explanation).toMatch(/^[A-Z`].*[.)]$/);
  }
});
