import type { Argument, Binder } from "../evaluator.ts";
import { compareIp, type IpAddress } from "../ip.ts";
import type { Value, ValueArray, ValueMap } from "../values.ts";

const [first, second] = [0, 1].map(
  (index) => (args: readonly Argument[]) => (args[index] as Argument).evaluate,
) as [
  (args: readonly Argument[]) => Argument["evaluate"],
  (args: readonly Argument[]) => Argument["evaluate"],
];

/** `any` of an array of Bool; unpacked comparisons take a shorter way in the compiler. */
export const any: Binder = (args) => {
  const evaluate = first(args);
  return (request, element) => (evaluate(request, element) as ValueArray | undefined)?.includes(true);
};

/** `all` of an array of Bool. A missing element counts as false. */
export const all: Binder = (args, choices) => {
  const evaluate = first(args);
  return (request, element) => {
    const values = evaluate(request, element) as ValueArray | undefined;
    if (values === undefined) return undefined;
    return values.length === 0 ? choices.allOfEmpty : values.every((value) => value === true);
  };
};

/** `join(strings, separator)`: of no elements `""`; missing in, missing out. */
export const join: Binder = (args) => {
  const [values, separator] = [first(args), second(args)];
  return (request, element) => {
    const array = values(request, element) as ValueArray | undefined;
    const between = separator(request, element) as string | undefined;
    return array === undefined || between === undefined ? undefined : array.join(between);
  };
};

/** `has_key(map, key)`. */
export const hasKey: Binder = (args, choices) => {
  const [map, key] = [first(args), second(args)];
  const otherwise = choices.hasKeyOfMissing === "false" ? false : undefined;
  return (request, element) => {
    const found = map(request, element) as ValueMap | undefined;
    const name = key(request, element) as string | undefined;
    return found === undefined || name === undefined ? otherwise : found.has(name);
  };
};

/** Whether two values of one type are equal; addresses by number. */
export function sameValue(a: Value | undefined, b: Value): boolean {
  if (typeof b !== "object") return a === b;
  return a !== undefined && compareIp(a as IpAddress, b as IpAddress) === 0;
}

/** `has_value(map or array, value)`. In a map of arrays the elements are looked at. */
export const hasValue: Binder = (args, choices) => {
  const [values, value] = [first(args), second(args)];
  const otherwise = choices.hasKeyOfMissing === "false" ? false : undefined;
  return (request, element) => {
    const found = values(request, element) as ValueArray | ValueMap | undefined;
    const wanted = value(request, element);
    if (found === undefined || wanted === undefined) return otherwise;
    for (const item of found.values()) {
      if (Array.isArray(item) ? item.some((inner) => sameValue(inner, wanted)) : sameValue(item, wanted))
        return true;
    }
    return false;
  };
};
