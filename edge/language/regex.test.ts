import { describe, expect, test } from "vitest";
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
  ["[[:alpha:]]+[0-9]", "ab1", true],
  ["[]a]", "]", true],
  ["", "", true],
])("%s on %j is %s", (pattern, text, expected) => {
  expect(regexProblem(pattern)).toBeUndefined();
  expect(regexTest(pattern)(text)).toBe(expected);
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
    ["(?x)a b", "must not use the flags x, u or R"],
    ["(?i-u:a)", "must not use the flags x, u or R"],
    ["(a{100}){200}", "must be smaller; its repetitions multiply what they repeat"],
    ["a{1000}".repeat(20), "must be smaller; its repetitions multiply what they repeat"],
  ])("%s", (pattern, problem) => {
    expect(regexProblem(pattern)).toBe(problem);
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

test("matching takes time linear in the text", () => {
  const evil = regexTest("^(a+)+$");
  const start = performance.now();
  expect(evil(`${"a".repeat(50_000)}!`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(5000);
});
