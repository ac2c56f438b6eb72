import { expect, test } from "vitest";
import { durationAdvice, formatDuration, parseDuration } from "./durations.ts";

test.each([
  ["30s", 30],
  ["15m", 900],
  ["24h", 86_400],
  ["90d", 7_776_000],
  ["1s", 1],
])("%s is %i seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "0s", "15", "m", "1.5h", "-1h", "1 h", "15M", "1w", "01h", "12345678d", "1h\n"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [59, "59s"],
  [4655, "1h 17m 35s"],
  [86_400, "1d"],
  [90_061, "1d 1h 1m 1s"],
  [-90, "-1m 30s"],
])("%i seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  ["1h 30m", 5400],
  ["90d 1h", 90 * 86_400 + 3600],
  ["1h30m", 5400],
  ["1h 17m 35s", 4655],
])("%s is a duration", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", " ", "30m 1h", "1h 1h", "1h  30m", "1h ", "h", "0m"])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ["90 days", "write 90d"],
  ["15", "write 15m for minutes, or 15s, 15h or 15d"],
  ["2 weeks", "write 14d"],
  ["5 min", "write 5m"],
  ["3hours", "write 3h"],
  ["10 secs", "write 10s"],
  ["soon", "write whole numbers and s, m, h or d, such as 30s, 15m, 24h, 90d or 1h 30m"],
])("for %s: %s", (text, advice) => {
  expect(durationAdvice(text)).toBe(advice);
});

test("what is printed and what is advised can be read", () => {
  for (let seconds = 1; seconds < 10_000_000; seconds = Math.ceil(seconds * 1.37)) {
    expect(parseDuration(formatDuration(seconds))).toBe(seconds);
  }
});
