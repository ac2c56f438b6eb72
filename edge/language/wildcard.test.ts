import fc from "fast-check";
import { expect, test } from "vitest";
import { growth, LINEAR } from "./testing/growth.ts";
import { asciiLower, wildcardProblem, wildcardTest } from "./wildcard.ts";

test.each([
  ["*", "", true],
  ["*", "anything", true],
  ["", "", true],
  ["", "a", false],
  ["/a", "/A", true],
  ["/a*", "/abc", true],
  ["/a*", "b/abc", false],
  ["*.com", "example.COM", true],
  ["*.com", "example.com.", false],
  ["a*b*c", "aXXbYYc", true],
  ["a*b*c", "abc", true],
  ["a*b*c", "acb", false],
  ["a*ba", "aba", true],
  ["a*aa", "aa", false],
  ["*a*", "bab", true],
  ["*a*", "bbb", false],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["a\\\\*", "a\\b", true],
])("%s on %s is %s", (pattern, text, expected) => {
  expect(wildcardTest(pattern, false)(text)).toBe(expected);
});

test("strict wildcard looks at case", () => {
  expect([wildcardTest("/A*", true)("/a"), wildcardTest("/A*", true)("/Ab")]).toEqual([false, true]);
});

test.each([
  ["a**b", "must not contain **"],
  ["a\\b", "must use a backslash only as \\* or \\\\"],
  ["a\\", "must use a backslash only as \\* or \\\\"],
  ["a*\\**", undefined],
  ["a\\**", undefined],
])("%s", (pattern, problem) => {
  expect(wildcardProblem(pattern)).toBe(problem);
});

test("decides as the regular expression that the pattern stands for", () => {
  const seed = 20261122;
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "A", "*"), maxLength: 7 });
  fc.assert(
    fc.property(
      pattern.filter((text) => !text.includes("**")),
      fc.string({ unit: fc.constantFrom("a", "b", "B"), maxLength: 9 }),
      (text, value) => {
        const regex = new RegExp(`^${text.replaceAll("*", ".*")}$`);
        expect(wildcardTest(text, true)(value)).toBe(regex.test(value));
        const folded = new RegExp(regex.source, "i");
        expect(wildcardTest(text, false)(value)).toBe(folded.test(value));
      },
    ),
    { seed, numRuns: 2000 },
  );
});

test("many stars do not take long", () => {
  const test = wildcardTest(`${"a*".repeat(500)}b`, true);
  expect(test("a".repeat(100_000))).toBe(false);
  expect(growth("a", test)).toBeLessThan(LINEAR);
});

test("only ASCII letters fold", () => {
  expect(asciiLower("ABC\u00c9z")).toBe("abc\u00c9z");
});
