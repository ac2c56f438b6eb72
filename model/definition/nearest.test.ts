import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["algoritm", "algorithm"],
  ["lifteime", "lifetime"],
  ["MATCH", "match"],
  ["ratelimit", "rateLimit"],
  ["colour", undefined],
  ["x", undefined],
  ["id", "id"],
])("%s means %s", (name, expected) => {
  expect(nearest(name, ["id", "algorithm", "lifetime", "match", "rateLimit", "was"])).toBe(expected);
});

test("the first in the alphabet goes before its equals", () => {
  expect(nearest("bat", ["cat", "bar"])).toBe("bar");
});
