import { InvalidArgumentError } from "commander";
import type { LinkPart } from "../../../model/definition/types.ts";
import { parseDuration } from "../../../model/facts/durations.ts";

/** Reads a duration of the command line (`15m`, `24h`) in seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError("Write a duration such as 45s, 15m, 24h or 90d.");
  return seconds;
}

/** Reads what the links of a ring are signed for, as `hmac.bind` has it. */
export function bind(text: string): readonly LinkPart[] {
  if (text === "path") return ["path"];
  if (text === "path,query") return ["path", "query"];
  throw new InvalidArgumentError("Write path or path,query, as `bind` of the ring has it.");
}

/** Reads the flags of a link's MAC. */
export function flags(text: string): "s" | "" {
  if (text === "s") return "s";
  if (text === "none") return "";
  throw new InvalidArgumentError("Write s (URL-safe Base64) or none (standard Base64, URL-encoded).");
}
