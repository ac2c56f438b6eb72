import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./durations.ts";

test.each([
  ["30s", 30],
  ["15m", 900],
  ["24h", 86_400],
  ["90d", 7_776_000],
  ["1s", 1],
])("%s is %i seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "0s", "15", "m", "1.5h", "-1h", "1 h", "1h30m", "15M", "1w", "01h", "12345678d", "1h\n"])(
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
