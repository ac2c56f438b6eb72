import { durationAdvice, parseDuration } from "../facts/durations.ts";
import type { ProblemCode } from "../problem/codes.ts";
import type { Position } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { show } from "./secrets.ts";
import type { ShapedFile } from "./shape.ts";
import { isTokenRing, type Ring } from "./types.ts";

/** Everything that the files name, with or without problems: what is named here is never "unknown". */
export interface Named {
  readonly ringIds: ReadonlySet<string>;
  readonly ruleIds: ReadonlySet<string>;
  /** False when a file could not be read at all, so that names may be missing here. */
  readonly complete: boolean;
}

/** What the readers of single parts of a file share. */
export interface Reading {
  readonly file: ShapedFile;
  readonly rings: ReadonlyMap<string, Ring>;
  readonly named: Named;
  readonly report: (code: ProblemCode, at: Position, message: string, hint: string) => void;
}

/** Reports a ring that is unknown or of the wrong kind; answers whether one of this kind is meant. */
export function ringNamed(reading: Reading, id: string, kind: "jwt" | "hmac", at: Position): boolean {
  const ring = reading.rings.get(id);
  if (ring === undefined) {
    if (!reading.named.complete || reading.named.ringIds.has(id)) return true;
    const known = [...reading.named.ringIds];
    const guess = nearest(id, known);
    reading.report(
      "RING_UNKNOWN",
      at,
      `no file defines the ring ${show(id)}`,
      guess === undefined
        ? `rings are defined under keys; there are ${known.join(", ") || "none"}`
        : `did you mean ${guess}?`,
    );
    return true;
  }
  if (isTokenRing(ring) === (kind === "jwt")) return true;
  reading.report(
    "RING_KIND_WRONG",
    at,
    kind === "jwt" ? `the ring ${id} signs links, not tokens` : `the ring ${id} signs tokens, not links`,
    kind === "jwt"
      ? `use link: ${id} in require, or name a ring with algorithm`
      : `use ring: ${id} in require, or name a ring with hmac`,
  );
  return false;
}

/** One text or a list of them, as a list of those that can be read. */
export function listOf(value: string | readonly (string | undefined)[] | undefined): readonly string[] {
  return [value].flat().filter((each) => each !== undefined);
}

/** Reads a duration and reports what is none; NaN where it cannot be known: no comparison holds for that. */
export function durationAt(reading: Reading, text: string | undefined, path: readonly PropertyKey[]): number {
  if (text === undefined) return Number.NaN;
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    reading.report(
      "DURATION_INVALID",
      reading.file.source.at(path),
      `${show(text)} is not a duration`,
      durationAdvice(text),
    );
  }
  return seconds ?? Number.NaN;
}
