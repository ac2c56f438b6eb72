import { type CheckContext, check } from "../language/check.ts";
import type { Choices } from "../language/choices.ts";
import { LIMITS } from "../language/limits.ts";
import { parse, parseValue } from "../language/parser.ts";
import { ExpressionError, type ExpressionProblem, formatProblems } from "../language/problems.ts";
import { type Problem, problem } from "./errors.ts";
import type { LimitSubject } from "./limits.ts";

/** Where an expression stands in a body, and what may be used there. */
export interface ExpressionPlace {
  readonly phase: string;
  readonly use: NonNullable<CheckContext["use"]>;
  /** What the expression may yield, where `use` does not say it. */
  readonly result?: CheckContext["result"];
  readonly subject: LimitSubject;
  readonly language: Partial<Choices>;
  readonly lists: readonly { readonly name: string }[];
  /** Ids that `is_jwt_valid` may name; not checked when undefined. */
  readonly tokenConfigurations?: readonly string[] | undefined;
  readonly pointer: string;
}

/** Places of one expression that an answer names; a short text can be wrong at thousands. */
const mostPlaces = 10;

/**
 * What is wrong with an expression, as one problem that names the places, or nothing. As at Cloudflare the
 * text quotes the expression, secrets included: clients have to mask it.
 */
export function expressionProblems(source: string, place: ExpressionPlace): readonly Problem[] {
  const limit = place.subject.limits?.expressionLength ?? LIMITS.expressionLength.value;
  // A character has at most two UTF-16 units: what is longer is too long however it is counted, and is not parsed.
  if (source.length > 2 * limit) {
    const why = `it has more than ${limit} characters`;
    const expression = `${source.slice(0, limit)}…`;
    return [problem("invalidExpression", { expression, why }, place.pointer)];
  }
  const found = languageProblems(source, place);
  if (found.length === 0) return [];
  const why = `Filter parsing error\n${formatProblems(source, found.slice(0, mostPlaces))}`;
  return [problem("invalidExpression", { expression: source, why }, place.pointer)];
}

function languageProblems(source: string, place: ExpressionPlace): readonly ExpressionProblem[] {
  const { phase, use, result, subject, language, lists, tokenConfigurations } = place;
  const expressionLength = subject.limits?.expressionLength;
  try {
    const isCondition = use === "filter" || use === "counting";
    return check(isCondition ? parse(source) : parseValue(source), {
      phase,
      use,
      ...(result === undefined ? {} : { result }),
      plan: subject.plan,
      addOns: subject.addOns,
      choices: language,
      lists: lists.map((each) => each.name),
      ...(tokenConfigurations === undefined ? {} : { tokenConfigurations }),
      ...(expressionLength === undefined ? {} : { limits: { expressionLength } }),
    });
  } catch (error) {
    if (error instanceof ExpressionError) return error.problems;
    throw error;
  }
}
