import {
  check,
  type Expression,
  ExpressionError,
  type ExpressionProblem,
  parse,
  parseValue,
} from "@keyturn/edge/language";
import { hintOf } from "../definition/rawExpressions.ts";
import type { Zone } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { CUSTOM_PHASE, PHASES, type Phase, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { realLength, withStandIns } from "../facts/placeholders.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import type { DesiredRule, DesiredZone } from "./types.ts";

/** What Cloudflare would refuse of a zone: expressions, their lengths, the number of rules, titles. */
export function zoneProblems(desired: DesiredZone, zone: Zone): Problem[] {
  return PHASES.flatMap((phase) => [
    ...desired.rules[phase].flatMap((rule) => ruleProblems(rule, zone, phase)),
    ...tooMany(desired.rules[phase], zone, phase),
  ]);
}

function ruleProblems(rule: DesiredRule, zone: Zone, phase: Phase): Problem[] {
  const length = realLength(rule.expression);
  const limit = limitOf(zone, "expressionLength");
  if (length > limit) {
    return [
      problem(
        "EXPRESSION_TOO_LONG",
        rule.at,
        `the rule ${rule.ref} needs ${length} characters, and Cloudflare takes ${limit}`,
        shorter(rule),
      ),
    ];
  }
  const context = { phase, plan: zone.plan, addOns: zone.addOns ?? [] };
  const found = judge(rule.expression, parse, (parsed) => check(parsed, context));
  for (const each of rule.ratelimit?.characteristics ?? []) {
    // Cloudflare takes this one only here, and not as an expression.
    if (each === "cf.colo.id") continue;
    found.push(...judge(each, parseValue, (parsed) => check(parsed, { ...context, use: "characteristic" })));
  }
  return found.map((each) =>
    problem(
      "EXPRESSION_INVALID",
      rule.at,
      `the rule ${rule.ref} would be refused: ${each.message}`,
      hintOf(each),
    ),
  );
}

function judge(
  text: string,
  read: (text: string) => Expression,
  judged: (expression: Expression) => ExpressionProblem[],
): ExpressionProblem[] {
  try {
    return judged(read(withStandIns(text)));
  } catch (error) {
    if (error instanceof ExpressionError) return [...error.problems];
    throw error;
  }
}

/** How many rules a phase takes, what they are called, and what makes a zone need fewer. */
const ROOM = {
  [CUSTOM_PHASE]: { limit: "customRules", noun: "custom rules", hint: fewer },
  [RATE_LIMIT_PHASE]: {
    limit: "rateLimitRules",
    noun: "rate limiting rules",
    hint: () => "leave out some rateLimit, or get a larger plan",
  },
} as const satisfies Record<Phase, unknown>;

function tooMany(rules: readonly DesiredRule[], zone: Zone, phase: Phase): Problem[] {
  const { noun, hint, ...room } = ROOM[phase];
  const limit = limitOf(zone, room.limit);
  const over = rules[limit];
  if (over === undefined) return [];
  return [
    problem(
      "RULES_TOO_MANY",
      over.at,
      `${zone.name} would need ${rules.length} ${noun}, and the plan ${zone.plan} has room for ${limit}`,
      hint(rules),
    ),
  ];
}

/** What makes a rule's expression shorter. */
function shorter(rule: DesiredRule): string {
  const ids = rule.branches.map((branch) => branch.ruleId);
  if (ids.includes("otherwise"))
    return "list folders with /* in place of paths that begin alike, or use fewer exceptions on the host";
  if (ids.includes("canary")) return "use the ring on fewer hosts";
  if (rule.ratelimit !== undefined) return "use fewer paths in the rule, or fewer exceptions on the host";
  return "use fewer exceptions on the host, or fewer alternatives, scopes, claims and values in one rule";
}

/** What makes a zone need fewer custom rules: what helps depends on which rules there are many of. */
function fewer(rules: readonly DesiredRule[]): string {
  const otherwise = rules.filter((rule) => rule.branches.some((branch) => branch.ruleId === "otherwise"));
  return otherwise.length > rules.length / 2
    ? "list folders with /* in place of paths that begin alike, or write otherwise: allow"
    : "leave out before, after, expression and differing modes, so that rules share one; or use fewer hosts";
}
