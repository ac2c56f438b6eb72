import type { Suppressed } from "../../model/definition/suppressions.ts";
import type { Problem } from "../../model/problem/problem.ts";
import { type JunitCase, junitDocument } from "../cli/junit.ts";
import type { CheckReport } from "./checkProject.ts";

/**
 * Problems as JUnit XML: one test case a problem, and one that passes for each file without any. An error is a
 * failure; a warning passes and is told; a suppressed one is skipped.
 */
export function asJunit({ result }: CheckReport): string {
  const { problems, suppressed, files } = result;
  const clean = files.filter((file) => problems.every((problem) => problem.file !== file));
  return junitDocument("keyturn check", [
    ...clean.map((file) => ({ classname: file, name: "no problem" })),
    ...problems.map(found),
    ...suppressed.map(skipped),
  ]);
}

function found(problem: Problem): JunitCase {
  const { file, line, column, code, message, hint, severity } = problem;
  const body = `${file}:${line}:${column} ${code}: ${message}\n${hint}`;
  const said = severity === "error" ? { failure: { type: code, message, body } } : { out: body };
  return { ...named(problem), ...said };
}

function skipped({ problem, until, reason }: Suppressed): JunitCase {
  return { ...named(problem), skipped: `until ${until}: ${reason}` };
}

function named({ file, line, column, code }: Problem) {
  return { classname: file, name: `${code} ${line}:${column}` };
}
