import type { Argument, Binder } from "../evaluator.ts";
import { literalNumber, literalString, ofString } from "../evaluator.ts";
import { type IpAddress, ipText } from "../ip.ts";
import { regexReplacer } from "../regex.ts";
import { isArrayType, type ValueArray, type ValueMap } from "../values.ts";
import { asciiLower, asciiUpper, wildcardReplacer } from "../wildcard.ts";

const first = (args: readonly Argument[]) => args[0] as Argument;
const second = (args: readonly Argument[]) => args[1] as Argument;

/** `len`: bytes of a string, elements of an array or a map. */
export const len: Binder = (args) => {
  const { evaluate } = first(args);
  return (request, element) => {
    const value = evaluate(request, element) as string | ValueArray | ValueMap | undefined;
    if (value === undefined) return undefined;
    return typeof value === "string" || Array.isArray(value) ? value.length : (value as ValueMap).size;
  };
};

export const lower: Binder = (args) => ofString(first(args), asciiLower);
export const upper: Binder = (args) => ofString(first(args), asciiUpper);

export const startsWith: Binder = (args) => {
  const [source, part] = [first(args).evaluate, second(args)];
  if (typeof part.literal === "string") {
    const text = part.literal;
    return (request, element) => (source(request, element) as string | undefined)?.startsWith(text);
  }
  return (request, element) => {
    const text = part.evaluate(request, element) as string | undefined;
    if (text === undefined) return undefined;
    return (source(request, element) as string | undefined)?.startsWith(text);
  };
};

export const endsWith: Binder = (args) => {
  const [source, part] = [first(args).evaluate, second(args)];
  if (typeof part.literal === "string") {
    const text = part.literal;
    return (request, element) => (source(request, element) as string | undefined)?.endsWith(text);
  }
  return (request, element) => {
    const text = part.evaluate(request, element) as string | undefined;
    if (text === undefined) return undefined;
    return (source(request, element) as string | undefined)?.endsWith(text);
  };
};

/** `substring(text, start[, end])`: byte positions, end excluded, negative ones from the end; cut to the text. */
export const substring: Binder = (args) => {
  const [text, start, end] = args.map((argument) => argument.evaluate);
  return (request, element) => {
    const value = text?.(request, element) as string | undefined;
    const from = start?.(request, element);
    const to = end === undefined ? value?.length : end(request, element);
    if (value === undefined || from === undefined || to === undefined) return undefined;
    return value.slice(Number(from), Number(to));
  };
};

/** `split(text, separator, limit)`: at most `limit` elements, the last one the rest. */
export const split: Binder = (args) => {
  const separator = literalString(second(args)) as string;
  const limit = literalNumber(args[2]) as number;
  return ofString(first(args), (text) => {
    const parts: string[] = [];
    let done = 0;
    while (parts.length < limit - 1) {
      const found = text.indexOf(separator, done);
      if (found < 0) break;
      parts.push(text.slice(done, found));
      done = found + separator.length;
    }
    parts.push(text.slice(done));
    return parts;
  });
};

/** `concat`: strings and integers to one string, or arrays to one array; missing ones add nothing, nothing else is missing. */
export const concat: Binder = (args, _, returns) => {
  const parts = args.map((argument) => argument.evaluate);
  if (isArrayType(returns)) {
    return (request, element) => {
      const values = parts.map((part) => part(request, element) as ValueArray | undefined);
      return values.every((value) => value === undefined)
        ? undefined
        : values.flatMap((value) => value ?? []);
    };
  }
  return (request, element) => {
    let text: string | undefined;
    for (const part of parts) {
      const value = part(request, element);
      if (value !== undefined) text = `${text ?? ""}${value}`;
    }
    return text;
  };
};

/** `remove_bytes(text, set)`: the text without any byte of the set. */
export const removeBytes: Binder = (args) => {
  const [text, set] = args.map((argument) => argument.evaluate);
  return (request, element) => {
    const value = text?.(request, element) as string | undefined;
    const removed = set?.(request, element) as string | undefined;
    if (value === undefined || removed === undefined) return undefined;
    let kept = "";
    for (const byte of value) if (!removed.includes(byte)) kept += byte;
    return kept;
  };
};

/** `to_string`: decimal digits, `true` or `false`, or the address as text. */
export const asString: Binder = (args) => {
  const { evaluate } = first(args);
  return (request, element) => {
    const value = evaluate(request, element);
    if (value === undefined) return undefined;
    return typeof value === "object" ? ipText(value as IpAddress) : String(value);
  };
};

/** `regex_replace(text, pattern, replacement)`: the first match. */
export const regexReplace: Binder = (args) => {
  const [, pattern, replacement] = args.map(literalString);
  return ofString(first(args), regexReplacer(pattern as string, replacement as string));
};

export const wildcardReplace: Binder = (args) => {
  const [, pattern, replacement, flags] = args.map(literalString);
  return ofString(first(args), wildcardReplacer(pattern as string, replacement as string, flags === "s"));
};

/** `remove_query_args(query, name, …)`: the query without these arguments, the others in order. */
export const removeQueryArgs: Binder = (args) => {
  const names = new Set(args.slice(1).map(literalString));
  const keep = (pair: string) => !names.has(pair.split("=", 1)[0]);
  return ofString(first(args), (query) => query.split("&").filter(keep).join("&"));
};
