import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../../model/facts/durations.ts";

/** Reads a duration of the command line (`15m`, `24h`) in seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError("Write a duration such as 45s, 15m, 24h or 90d.");
  return seconds;
}

/** Reads the flags of a link's MAC. */
export function flags(text: string): "s" | "" {
  if (text === "s") return "s";
  if (text === "none") return "";
  throw new InvalidArgumentError("Write s (URL-safe Base64) or none (standard Base64, URL-encoded).");
}
