import type { Argument, Binder } from "../evaluator.ts";
import { compareIp, type IpAddress } from "../ip.ts";
import type { Value, ValueArray, ValueMap } from "../values.ts";

const [first, second] = [0, 1].map(
  (index) => (args: readonly Argument[]) => (args[index] as Argument).evaluate,
) as [
  (args: readonly Argument[]) => Argument["evaluate"],
  (args: readonly Argument[]) => Argument["evaluate"],
];

/** `any` of a value that is an array of Bool; conditions with `[*]` are the compiler's own. Missing in, missing out. */
export const any: Binder = (args) => {
  const evaluate = first(args);
  return (request, element) => (evaluate(request, element) as ValueArray | undefined)?.includes(true);
};

/** `all` of an array of Bool. */
export const all: Binder = (args) => {
  const evaluate = first(args);
  return (request, element) => {
    const values = evaluate(request, element) as ValueArray | undefined;
    return values?.every((value) => value === true);
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
export const hasKey: Binder = (args) => {
  const [map, key] = [first(args), second(args)];
  return (request, element) => {
    const found = map(request, element) as ValueMap | undefined;
    const name = key(request, element) as string | undefined;
    return name === undefined ? undefined : found?.has(name);
  };
};

/** Whether two values of one type are equal; addresses by number. */
function sameValue(a: Value | undefined, b: Value): boolean {
  if (typeof b !== "object") return a === b;
  return a !== undefined && compareIp(a as IpAddress, b as IpAddress) === 0;
}

/** `has_value(map or array, value)`. */
export const hasValue: Binder = (args) => {
  const [values, value] = [first(args), second(args)];
  return (request, element) => {
    const found = values(request, element) as ValueArray | ValueMap | undefined;
    const wanted = value(request, element);
    if (found === undefined || wanted === undefined) return undefined;
    return [...found.values()].some((item) => sameValue(item, wanted));
  };
};
