const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** What a duration looks like in a definition: `30s`, `15m`, `24h`, `90d`. */
const DURATION_PATTERN = /^([1-9][0-9]{0,6})([smhd])$/;

/** Reads `30s`, `15m`, `24h` or `90d`; answers whole seconds, or undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const found = DURATION_PATTERN.exec(text);
  if (found === null) return undefined;
  return Number(found[1]) * (SECONDS[found[2] ?? ""] ?? Number.NaN);
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
