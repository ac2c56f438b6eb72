import { parseDuration } from "../../model/facts/durations.ts";
import { CommandError } from "../../scripts/cli/errors.ts";

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * A moment as the lab's commands take it: `2026-12-01T00:00:00Z`, or `+1d2h` and `-20m` from the lab's clock.
 *
 * @returns milliseconds since the Unix epoch
 * @throws CommandError INPUT_INVALID
 */
export function parseMoment(text: string, now: number): number {
  const shift = /^([+-])((?:\d+[smhd])+)$/.exec(text);
  if (shift) {
    const parts = (shift[2] ?? "").match(/\d+[smhd]/g) ?? [];
    const seconds = parts.map((part) =>
      part.startsWith("0") ? Number.parseInt(part, 10) : parseDuration(part),
    );
    const sum = seconds.reduce<number>((total, each) => total + (each ?? Number.NaN), 0);
    const moment = now + (shift[1] === "-" ? -1000 : 1000) * sum;
    if (isDate(moment)) return moment;
  }
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (isDate(instant)) return instant;
  throw new CommandError(
    "INPUT_INVALID",
    `\`${text}\` is no time`,
    "Write a time with a zone (2026-12-01T00:00:00Z), or one from the lab's clock on: +1d, +90m, -20m.",
  );
}

/** What four digits of a year can say. */
function isDate(milliseconds: number): boolean {
  return milliseconds >= 0 && milliseconds < Date.UTC(10_000, 0);
}
