/** How an instant is written, for messages. */
export const INSTANT_FORM = "write it in UTC, such as 2027-01-01T00:00:00Z";

/**
 * Seconds since the epoch of an instant written like `2027-01-01T00:00:00Z` (RFC 3339, UTC, whole seconds); undefined
 * for any other text, and for a day that does not exist.
 */
export function parseInstant(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text).getTime() : Number.NaN;
  // Dates take 30 February for 2 March.
  return !Number.isNaN(time) && formatInstant(time / 1000) === text ? time / 1000 : undefined;
}

/** The text of an instant, as `parseInstant` reads it. */
export function formatInstant(seconds: number): string {
  return new Date(1000 * seconds).toISOString().replace(/\.\d+Z$/, "Z");
}
