const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** What a duration looks like in a definition: `30s`, `15m`, `24h`, `90d`, `1h 30m`: each unit once, the largest first. */
const DURATION_PATTERN =
  /^(?=.)(?:([1-9][0-9]{0,6})d ?)?(?:([1-9][0-9]{0,6})h ?)?(?:([1-9][0-9]{0,6})m ?)?(?:([1-9][0-9]{0,6})s)?$/;

/** Reads `30s`, `15m`, `24h`, `90d` or `1h 30m`; answers whole seconds, or undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const found = text.endsWith(" ") ? null : DURATION_PATTERN.exec(text);
  if (found === null) return undefined;
  const units = ["d", "h", "m", "s"].map(
    (unit, index) => Number(found[index + 1] ?? 0) * (SECONDS[unit] ?? 0),
  );
  return units.reduce((sum, seconds) => sum + seconds, 0);
}

const WORDS: Readonly<Record<string, number>> = {
  ...SECONDS,
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hr: 3600,
  hour: 3600,
  day: 86_400,
  w: 604_800,
  week: 604_800,
};

/** What to write for a text that is no duration: the duration that it seems to mean, or how one is written. */
export function durationAdvice(text: string): string {
  const found = /^\s*([1-9][0-9]{0,4})\s*([a-z]*?)s?\s*$/i.exec(text);
  const [count, word] = [Number(found?.[1] ?? 0), (found?.[2] ?? "").toLowerCase()];
  const unit = word === "" && /s\s*$/i.test(text) ? "s" : word;
  if (count > 0 && unit === "") return `write ${count}m for minutes, or ${count}s, ${count}h or ${count}d`;
  const seconds = count * (WORDS[unit] ?? 0);
  return seconds > 0
    ? `write ${formatDuration(seconds)}`
    : "write whole numbers and s, m, h or d, such as 30s, 15m, 24h, 90d or 1h 30m";
}

/** Prints seconds in the largest units that lose nothing: 4655 is `1h 17m 35s`. */
export function formatDuration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const unit of ["d", "h", "m", "s"]) {
    const size = SECONDS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return `${seconds < 0 ? "-" : ""}${parts.length === 0 ? "0s" : parts.join(" ")}`;
}
