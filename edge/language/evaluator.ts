import type { Choices } from "./choices.ts";
import type { RequestFields } from "./request.ts";
import type { Type, Value } from "./values.ts";

/** A compiled node. `element` is the value that `[*]` stands for while an array is unpacked. */
export type Closure = (request: RequestFields, element?: Value) => Value | undefined;
export type BoolClosure = (request: RequestFields, element?: Value) => boolean;

/** One argument of a call: its closure, and its value where it is a literal. Strings are byte strings. */
export interface Argument {
  readonly evaluate: Closure;
  readonly literal: Value | undefined;
}

/** Builds the closure of a call from its arguments, which the checker has found fitting, and its result's type. */
export type Binder = (args: readonly Argument[], choices: Choices, returns: Type) => Closure;

/** The literal string of an argument that must be one; `undefined` when the optional argument is absent. */
export function literalString(argument: Argument | undefined): string | undefined {
  return argument?.literal as string | undefined;
}

/** The literal integer of an argument that must be one and is within the safe range. */
export function literalNumber(argument: Argument | undefined): number | undefined {
  return argument?.literal === undefined ? undefined : Number(argument.literal);
}

/** A function of one string: missing in, missing out. */
export function ofString(argument: Argument, apply: (text: string) => Value | undefined): Closure {
  const { evaluate } = argument;
  return (request, element) => {
    const text = evaluate(request, element) as string | undefined;
    return text === undefined ? undefined : apply(text);
  };
}
