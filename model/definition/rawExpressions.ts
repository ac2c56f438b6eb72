import { check, ExpressionError, type ExpressionProblem, parse } from "@keyturn/edge/language";
import { expressionFindings } from "../expressions/findings.ts";
import { ADD_ONS } from "../facts/limits.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { ringsIn } from "../facts/placeholders.ts";
import type { ProblemCode } from "../problem/codes.ts";
import { type Reading, ringNamed } from "./reading.ts";
import { isExcused, secretKind } from "./secrets.ts";
import type { Zone } from "./types.ts";

/**
 * Checks the raw expression of a rule as Cloudflare would, with the place of each problem inside the file.
 *
 * @returns whether it can be used
 */
export function checkRawExpression(
  reading: Reading,
  text: string,
  path: readonly PropertyKey[],
  zone: Zone | undefined,
): boolean {
  const { source } = reading.file;
  // That is a problem already, and a second one might quote it.
  if (secretKind(text) !== undefined && !isExcused(source, text, source.at(path))) return false;
  const problems: ExpressionProblem[] = [];
  try {
    const expression = parse(text);
    problems.push(
      ...check(expression, {
        phase: CUSTOM_PHASE,
        plan: zone?.plan ?? "enterprise",
        // Where the host has no zone, which is a problem of its own, the plan is no second one.
        addOns: zone === undefined ? ADD_ONS : (zone.addOns ?? []),
      }),
    );
    // What Cloudflare refuses says nothing yet.
    for (const each of problems.length === 0 ? expressionFindings(expression) : [])
      reading.report(each.code, source.within(path, each.offset), each.message, each.hint);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push(...error.problems);
  }
  for (const each of problems) {
    const code: ProblemCode =
      each.code === "EXPRESSION_TOO_LONG" ? "EXPRESSION_TOO_LONG" : "EXPRESSION_INVALID";
    reading.report(code, source.within(path, each.offset), each.message, hintOf(each));
  }
  const known = ringsIn(text).map((ring) => ringNamed(reading, ring, "jwt", source.at(path)));
  return problems.length === 0 && known.every(Boolean);
}

/** What the language proposes, else the way to find out. */
export function hintOf(problem: ExpressionProblem): string {
  if (problem.suggestion !== undefined) return `did you mean ${problem.suggestion}?`;
  if (problem.expected !== undefined) return `expected ${problem.expected}`;
  return "correct the expression; Cloudflare would refuse the whole deploy for it";
}
