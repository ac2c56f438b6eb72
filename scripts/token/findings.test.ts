import { describe, expect, it } from "vitest";
import { describeInstant, isoOf, quote } from "./findings.ts";

describe("words", () => {
  it("describes an instant relative to now", () => {
    expect([100, 100.9, 99.1, 101, 98.5, 100 + 3665].map((instant) => describeInstant(instant, 100))).toEqual(
      ["now", "now", "now", "in 1s", "1s ago", "in 1h 1m 5s"],
    );
  });

  it("writes instants in ISO 8601 as long as a date can hold them", () => {
    expect([0, 1.5, -1, 1e13].map(isoOf)).toEqual([
      "1970-01-01T00:00:00Z",
      "1970-01-01T00:00:01.500Z",
      "1969-12-31T23:59:59Z",
      "10000000000000",
    ]);
  });

  it("quotes values of strangers safely", () => {
    expect(quote("a\u001b[2J\u009b\u202eb")).toBe('"a\\u001b[2J\\u009b\\u202eb"');
    expect(quote(undefined)).toBe("undefined");
    expect(quote("x".repeat(100), 10)).toBe(`"${"x".repeat(9)}…`);
  });
});
