import type { Choices } from "../language/choices.ts";
import { compile, compileFilter } from "../language/compile.ts";
import { ipText } from "../language/ip.ts";
import { parse, parseValue } from "../language/parser.ts";
import type { RequestFields } from "../language/request.ts";
import type { Value } from "../language/values.ts";

/** Whether a rule's expression holds for a request; a missing value counts as no. */
export type Condition = (fields: RequestFields) => boolean;

/** A value computed for a request; undefined is a missing value. */
export type Reader = (fields: RequestFields) => Value | undefined;

/** Decisions of the language's own table of choices taken otherwise. */
export type LanguageChoices = Partial<Choices>;

/** Compiles a rule's expression. Throws ExpressionError where it does not parse or type-check. */
export function compileCondition(source: string, choices: LanguageChoices): Condition {
  return compileFilter(parse(source), { choices });
}

/** Compiles a value: a dynamic header value, a new path, a characteristic of a rate limit. Throws as above. */
export function compileReader(source: string, choices: LanguageChoices): Reader {
  return compile(parseValue(source), { choices });
}

/** A value as text; missing is empty. */
export function textOf(value: Value | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if ("words" in value) return ipText(value);
  return [...value.values()].map((item) => textOf(item as Value | undefined)).join(",");
}
