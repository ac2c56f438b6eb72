import { expect, test } from "vitest";
import { formatInstant, parseInstant } from "./instants.ts";

test("an instant is read and written in UTC and whole seconds", () => {
  expect(parseInstant("2027-01-01T00:00:00Z")).toBe(1_798_761_600);
  expect(formatInstant(1_798_761_600)).toBe("2027-01-01T00:00:00Z");
  expect(formatInstant(0.9)).toBe("1970-01-01T00:00:00Z");
});

test.each([
  "2027-01-01",
  "2027-01-01T00:00:00",
  "2027-01-01T00:00:00+01:00",
  "2027-01-01T00:00:00.000Z",
  "2027-02-30T00:00:00Z",
  "2027-13-01T00:00:00Z",
  "tomorrow",
])("%s is none", (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
