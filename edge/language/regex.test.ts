import { describe, expect, test } from "vitest";
import { toBytes } from "./bytes.ts";
import { regexProblem, regexTest } from "./regex.ts";
import { regexSize } from "./regexSize.ts";

test.each([
  ["b", "abc", true],
  ["^b", "abc", false],
  ["B", "abc", false],
  ["(?i)B", "abc", true],
  ["a.c", "a\nc", false],
  ["(?s)a.c", "a\nc", true],
  ["^a$", "a\n", false],
  ["^(?:GET|POST)$", "POST", true],
  ["\\d{3}", "12", false],
  ["é", "caf\u00c3\u00a9", true],
  ["^(?:é){2}$|^é{2}$", "\u00c3\u00a9\u00c3\u00a9", true],
  ["(?i)é", "\u00c3\u0089", false],
  ["(?iu)é", "\u00c3\u0089", true],
  ["^..$", "\u00c3\u00a9", true],
  ["(?u)^.$", "\u00c3\u00a9", true],
  ["^\\xe9$", "\u00e9", true],
  ["(?i)\\xc9", "\u00e9", false],
  ["\\x{e9}", "\u00e9", false],
  ["\\x{e9}", "\u00c3\u00a9", true],
  ["\\u00e9", "\u00c3\u00a9", true],
  ["(?u)^\\p{Greek}\\pL$", "\u00ce\u00b1b", true],
  ["(?u)^\\w\\s$", "\u00c3\u00a9 ", true],
  ["^\\W$", "\u00e9", true],
  ["^[\\W]$", "\u00e9", true],
  ["^\\s[\\s][^\\S]$", "\u000b\u000b\u000b", true],
  ["(?-u)(?i-u:A)", "a", true],
  ["^a{1, 2}$", "aa", true],
  ["\\/\\-\\_\\ ", "/-_ ", true],
  ["[[:alpha:]]+[0-9]", "ab1", true],
  ["[]a]", "]", true],
  ["", "", true],
])("%s on %j is %s", (pattern, text, expected) => {
  expect(regexProblem(toBytes(pattern))).toBeUndefined();
  expect(regexTest(toBytes(pattern))(text)).toBe(expected);
});

describe("patterns that Rust or RE2 does not take", () => {
  test.each([
    ["(", "must be a regular expression of RE2 and Rust: missing closing )"],
    ["a**", "must be a regular expression of RE2 and Rust: invalid nested repetition operator"],
    ["[z-a]", "must be a regular expression of RE2 and Rust: invalid character class range"],
    ["(?=a)", "must not use look-around or atomic groups"],
    ["(?<!a)b", "must not use look-around or atomic groups"],
    ["(a)\\1", "must not use back-references"],
    ["\\Qa.b\\E", "must not use \\Q"],
    ["\\C", "must not use \\C"],
    ["\\<a", "must not use \\<"],
    ["\\b{start}a", "must not use \\b{…}"],
    ["a{", "must write a literal { as \\{"],
    ["a{,3}", "must write a literal { as \\{"],
    ["[a-z&&[^b]]", "must not use set operations in a class"],
    ["[a[b]]", "must write a [ within a class as \\["],
    ["(?x)a b", "must use the flag u only at its start, and not x or R"],
    ["a(?u:b)", "must use the flag u only at its start, and not x or R"],
    ["(?u)a(?-u:b)", "must not switch off the flags x, u or R"],
    ["\\pL", "must begin with (?u) to use \\p"],
    ["[\\p{Greek}]", "must begin with (?u) to use \\p"],
    ["[é]", "must not name Unicode characters in a class without the flag u"],
    ["[\\x{e9}]", "must not name Unicode characters in a class without the flag u"],
    ["(?i)[\\xe9]", "must not combine the flag i with bytes above \\x7f in a class"],
    ["(?u)\\bé", "must not use \\b with the flag u"],
    ["\\07", "must not use back-references"],
    ["\\Z", "must not use \\Z"],
    ["\\é", "must not use \\é"],
    ["\\x{110000}", "must name characters that exist"],
    ["(a{100}){200}", "must be smaller; its repetitions multiply what they repeat"],
    ["a{1000}".repeat(20), "must be smaller; its repetitions multiply what they repeat"],
  ])("%s", (pattern, problem) => {
    expect(regexProblem(toBytes(pattern))).toBe(problem);
  });
});

test.each([
  ["abc", 3],
  ["a{10}", 10],
  ["(?:ab){3}c", 19],
  ["[a-z]{2,5}\\{", 6],
])("%s has about %i instructions", (pattern, size) => {
  expect(regexSize(pattern)).toBe(size);
});
