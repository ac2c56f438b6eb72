import { formatInstant } from "../facts/instants.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { show } from "./secrets.ts";
import type { Definitions, StagedMode } from "./types.ts";

/** Days ahead of which the last stage of a mode is a trial without an end. */
const FAR_DAYS = 183;

/**
 * Modes whose stages are over, or end far from now.
 *
 * @param today `YYYY-MM-DD` (UTC)
 */
export function stagesDue({ hosts }: Definitions, today: string): Problem[] {
  const now = Date.parse(today) / 1000;
  return hosts.flatMap(({ host, rules, mode, at }) => [
    ...rules.flatMap((rule) => {
      // A rule without a mode of its own has its file's, and its limit has the rule's.
      const own = rule.mode === mode ? [] : problemsOf(rule.mode, show(rule.id), rule.at.mode, now);
      const { rateLimit } = rule;
      if (rateLimit === undefined || rateLimit.mode === rule.mode) return own;
      return [...own, ...problemsOf(rateLimit.mode, `the limit of ${show(rule.id)}`, rule.at.rateLimit, now)];
    }),
    ...problemsOf(mode, host, at, now),
  ]);
}

function problemsOf({ first, later }: StagedMode, what: string, at: Position, now: number): Problem[] {
  const last = later.at(-1);
  if (last === undefined) return [];
  const since = formatInstant(last.from);
  if (last.from <= now) {
    const message = `${what} is in mode ${last.mode} for good since ${since}`;
    return [problem("MODE_STAGES_PAST", at, message, `write mode: ${last.mode}`)];
  }
  if (last.from <= now + 86_400 * FAR_DAYS) return [];
  const message = `${what} begins in mode ${first} and is in mode ${last.mode} only from ${since} on`;
  return [
    problem(
      "MODE_STAGES_FAR",
      at,
      message,
      "let it end within half a year, or write the mode that it has until then",
    ),
  ];
}
