/** One test case; without any of the others it passed. */
export interface JunitCase {
  readonly classname: string;
  readonly name: string;
  readonly failure?: { readonly type: string; readonly message: string; readonly body: string };
  /** Why it did not run. */
  readonly skipped?: string;
  /** What is told of one that passed. */
  readonly out?: string;
}

/** A JUnit XML document with one suite (github.com/testmoapp/junitxml: the members that readers agree on). */
export function junitDocument(name: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const counted = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(name)}" ${counted}>`,
    `  <testsuite name="${escaped(name)}" ${counted}>`,
    ...cases.map(element),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function element({ classname, name, failure, skipped, out }: JunitCase): string {
  const inner = [
    failure === undefined
      ? ""
      : `<failure type="${escaped(failure.type)}" message="${escaped(failure.message)}">${escaped(failure.body)}</failure>`,
    skipped === undefined ? "" : `<skipped message="${escaped(skipped)}"/>`,
    out === undefined ? "" : `<system-out>${escaped(out)}</system-out>`,
  ].join("");
  const head = `    <testcase classname="${escaped(classname)}" name="${escaped(name)}"`;
  return inner === "" ? `${head}/>` : `${head}>${inner}</testcase>`;
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
