import { type PointOfPresence, uniformLag } from "@keyturn/edge";
import { CommandError } from "../../scripts/cli/errors.ts";

/** Places by growing lag, in seconds: the farther ones of a large network learn late. */
const PLACES = [
  { name: "AMS", from: 0, to: 5 },
  { name: "SIN", from: 1, to: 60 },
  { name: "GRU", from: 5, to: 300 },
  { name: "SYD", from: 60, to: 600 },
  { name: "JNB", from: 300, to: 600 },
] as const;

/** What `--pops` says when it is not given. */
export const DEFAULT_POPS = "3";

const PLACE = /^([A-Z]{3})(?::(\d+)(ms|s|m)(?:-(\d+)(ms|s|m))?)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/**
 * The points of presence that `--pops` describes: a number of places with growing lags, or a list such as
 * `AMS,SIN:30s,GRU:5m-10m`, where a place learns of a change after a fixed time or within a range.
 *
 * @throws CommandError INPUT_INVALID
 */
export function parsePops(text: string): readonly PointOfPresence[] {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= PLACES.length) {
    return PLACES.slice(0, count).map(({ name, from, to }) => ({
      name,
      lag: uniformLag(1000 * from, 1000 * to),
    }));
  }
  const places = text.split(",").map(place);
  const names = new Set(places.map((each) => each?.name));
  if (places.some((each) => each === undefined) || names.size < places.length) {
    throw new CommandError(
      "INPUT_INVALID",
      "--pops names no points of presence",
      `Write a number from 1 to ${PLACES.length}, or names with their lags: AMS,SIN:30s,GRU:5m-10m.`,
    );
  }
  return places.filter((each) => each !== undefined);
}

function place(text: string): PointOfPresence | undefined {
  const [whole, name = "", least = "0", unit = "s", most = least, mostUnit = unit] = PLACE.exec(text) ?? [];
  const [from, to] = [Number(least) * (UNIT_MS[unit] ?? 0), Number(most) * (UNIT_MS[mostUnit] ?? 0)];
  return whole === undefined || to < from ? undefined : { name, lag: uniformLag(from, to) };
}
