import type { Suppressed } from "../../model/definition/suppressions.ts";
import type { Problem } from "../../model/problem/problem.ts";
import type { CheckReport } from "./checkProject.ts";

/**
 * Problems as JUnit XML: one test case a problem, and one that passes for each file without any. An error is a
 * failure; a warning passes and is told; a suppressed one is skipped.
 */
export function asJunit({ result }: CheckReport): string {
  const { problems, suppressed, errors, files } = result;
  const clean = files.filter((file) => problems.every((problem) => problem.file !== file));
  const cases = [...clean.map(passed), ...problems.map(found), ...suppressed.map(skipped)];
  const counted = `tests="${cases.length}" failures="${errors}" errors="0" skipped="${suppressed.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="keyturn check" ${counted}>`,
    `  <testsuite name="keyturn check" ${counted}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function passed(file: string): string {
  return `    <testcase classname="${escaped(file)}" name="no problem"/>`;
}

function found({ file, line, column, code, message, hint, severity }: Problem): string {
  const body = escaped(`${file}:${line}:${column} ${code}: ${message}\n${hint}`);
  const inner =
    severity === "error"
      ? `<failure type="${code}" message="${escaped(message)}">${body}</failure>`
      : `<system-out>${body}</system-out>`;
  return `    <testcase classname="${escaped(file)}" name="${code} ${line}:${column}">${inner}</testcase>`;
}

function skipped({ problem: { file, line, column, code }, until, reason }: Suppressed): string {
  const why = escaped(`until ${until}: ${reason}`);
  return `    <testcase classname="${escaped(file)}" name="${code} ${line}:${column}"><skipped message="${why}"/></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** A text inside of an element or attribute; what no XML 1.0 document may hold becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll(/[&<>"\n\r\t]/g, (letter) => ENTITIES[letter] ?? "");
}
