import { durationAdvice, parseDuration } from "../facts/durations.ts";
import { type ProblemCode, problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import type { RingShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { namesAt, says } from "./shape.ts";
import type { Source } from "./source.ts";

/** One ring as its file says it, and what was found wrong with it. */
export class RingReading {
  readonly id: string;
  readonly ring: RingShape;
  readonly source: Source;
  readonly self: Position;
  readonly problems: Problem[] = [];

  constructor(id: string, ring: RingShape, source: Source) {
    this.id = id;
    this.ring = ring;
    this.source = source;
    this.self = source.atKey(["keys", id]);
  }

  report(code: ProblemCode, at: Position, message: string, hint: string): void {
    this.problems.push(problem(code, at, message, hint));
  }

  /** Place of a member of the ring. */
  at(...path: readonly string[]): Position {
    return this.source.at(["keys", this.id, ...path]);
  }

  /** Whether the ring says something for a member, be it with a misfit. */
  says(...path: readonly string[]): boolean {
    return says(this.source, ["keys", this.id, ...path]);
  }

  /** The names of the members of a map in the ring, those with a misfit included. */
  membersAt(...path: readonly string[]): readonly string[] {
    return namesAt(this.source, ["keys", this.id, ...path]);
  }

  /** A duration in seconds; one that is none is reported. NaN where it cannot be known: no comparison holds for that. */
  duration(text: string | undefined, path: readonly string[]): number {
    if (text === undefined) return Number.NaN;
    const seconds = parseDuration(text);
    if (seconds === undefined) {
      this.report(
        "DURATION_INVALID",
        this.at(...path),
        `${show(text)} is not a duration`,
        durationAdvice(text),
      );
    }
    return seconds ?? Number.NaN;
  }
}
