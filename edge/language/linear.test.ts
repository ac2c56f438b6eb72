import { expect, test } from "vitest";
import { check } from "./check.ts";
import { compileFilter } from "./compile.ts";
import { parse } from "./parser.ts";
import { print } from "./print.ts";
import { ExpressionError, formatProblems, maskSecrets } from "./problems.ts";
import { regexProblem } from "./regex.ts";
import { regexSize } from "./regexSize.ts";
import { toRe2 } from "./regexSyntax.ts";
import { growth, LINEAR } from "./testing/growth.ts";
import { everything } from "./testing/sample.ts";
import { wildcardProblem, wildcardTest } from "./wildcard.ts";

/** All that a client can make the checker do with a text. */
function judge(text: string): void {
  try {
    const expression = parse(text);
    formatProblems(text, check(expression, everything));
    print(expression);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    error.format();
  }
}

test.each([
  ...'( ! " \\ : . # { } [ ] * $ , ~ & \n \t 0 1 a f r é'.split(" "),
  ...[
    "not ",
    "a[0]",
    "f(",
    "f(a,",
    "a and ",
    "a or ",
    "::",
    "1.",
    "r#",
    "{1 ",
    "[*]",
    "$a",
    "0x",
    "-1",
    "..",
    "1..2 ",
  ],
  ...[
    "hmac",
    "hmac ",
    "hmac(",
    'hmac"',
    "hmac r#",
    "hmac.hmac",
    'hmac("a")',
    'a eq "" or ',
    "a in {1} or ",
    "&& ",
    "\\x",
  ],
  ...[
    "x eq 1 or\n",
    "ssl or ",
    "http.hots or ",
    "any(a[*]) or ",
    "http.request.headers.names[*] eq 1 or ",
    "a(b) or ",
  ],
])("a text of %j is judged in linear time", (piece) => {
  expect(growth(piece, judge)).toBeLessThan(LINEAR);
  expect(growth(piece, (text) => judge(`${text}ssl`))).toBeLessThan(LINEAR);
  expect(growth(piece, maskSecrets)).toBeLessThan(LINEAR);
  expect(growth(piece, (text) => maskSecrets(`hmac${text}`))).toBeLessThan(LINEAR);
});

test.each([
  "[:",
  "[[:",
  "\\",
  "(",
  "(?",
  "(?i",
  "[a",
  "{1}",
  "a{",
  "x*",
  "é",
  "\\x41",
  "\\p{",
  "a{1,2}",
  "(?:",
])("a pattern of %j is judged in linear time", (piece) => {
  expect(growth(piece, toRe2)).toBeLessThan(LINEAR);
  expect(growth(piece, regexSize)).toBeLessThan(LINEAR);
  expect(growth(piece, regexProblem)).toBeLessThan(LINEAR);
  expect(growth(piece, (text) => judge(`http.host matches r###"${text}"###`))).toBeLessThan(LINEAR);
});

test.each(["*a", "\\*", "a", "\\"])("a wildcard of %j is judged in linear time", (piece) => {
  expect(growth(piece, wildcardProblem)).toBeLessThan(LINEAR);
  const test = wildcardTest("*a*b*c", true);
  expect(growth(piece, test)).toBeLessThan(LINEAR);
});

test("matching takes time linear in the text", () => {
  const evil = compileFilter(parse('http.request.uri.path matches "^(a+)+$"'));
  const of = (path: string) => () => evil({ path: `${path}!` } as unknown as Parameters<typeof evil>[0]);
  expect(growth("a", (path) => of(path)())).toBeLessThan(LINEAR);
});
