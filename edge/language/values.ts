import type { IpAddress } from "./ip.ts";

/**
 * A type of the Rules language, written as Cloudflare's field index writes it:
 * `Bool`, `String`, `Bytes`, `Integer`, `IP`, `Array<…>`, `Map<…>`.
 */
export type Type = "Bool" | "String" | "Bytes" | "Integer" | "IP" | `Array<${string}>` | `Map<${string}>`;

/**
 * An Integer is a `number` while it is safe and a `bigint` outside of that, never both for one value,
 * so that `===` compares integers of the whole 64-bit range exactly.
 */
export type Integer = number | bigint;

/**
 * A value at run time. Strings and Bytes are *byte strings*: one JavaScript character per byte, which is
 * how HTTP header values arrive in Node and in fetch. `undefined` is Cloudflare's "missing".
 */
export type Value = boolean | string | Integer | IpAddress | ValueArray | ValueMap;
export type ValueArray = readonly (Value | undefined)[];
export type ValueMap = ReadonlyMap<string, Value>;

/** `Array<String>` for `String`. */
export function arrayOf(type: Type): Type {
  return `Array<${type}>`;
}

/** What an index into an array or a map of this type yields; `undefined` when it is neither. */
export function elementOf(type: Type): Type | undefined {
  if (type.startsWith("Array<")) return type.slice(6, -1) as Type;
  if (type.startsWith("Map<")) return type.slice(4, -1) as Type;
  return undefined;
}

export function isArrayType(type: Type): boolean {
  return type.startsWith("Array<");
}

export function isMapType(type: Type): boolean {
  return type.startsWith("Map<");
}

const minimum = -(2n ** 63n);
const maximum = 2n ** 63n - 1n;

/**
 * Reads an optional minus and decimal digits as a 64-bit integer.
 * Answers `undefined` for anything else and outside of that range.
 */
export function parseInteger(text: string): Integer | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined;
  const near = Number(text);
  if (Number.isSafeInteger(near)) return near === 0 ? 0 : near;
  const exact = BigInt(text);
  return exact < minimum || exact > maximum ? undefined : exact;
}
