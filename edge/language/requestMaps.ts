import { percentDecode } from "./functions/percent.ts";

/** Headers as the fields show them: a map by lower-case name, and names and values side by side. */
export interface HeaderTable {
  readonly map: ReadonlyMap<string, readonly string[]>;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Query or form arguments, undecoded, in order. */
export interface ArgumentTable {
  readonly map: ReadonlyMap<string, readonly string[]>;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

function append(map: Map<string, string[]>, name: string, value: string): void {
  const values = map.get(name);
  if (values === undefined) map.set(name, [value]);
  else values.push(value);
}

/** Repeated headers keep their order; values are untouched; keys of the map are lower case. */
export function headerTable(pairs: readonly (readonly [string, string])[]): HeaderTable {
  const map = new Map<string, string[]>();
  for (const [name, value] of pairs) append(map, name.toLowerCase(), value);
  return { map, names: pairs.map(([name]) => name), values: pairs.map(([, value]) => value) };
}

/** Splits `a=1&b=2`; nothing is decoded; an argument without `=` has the empty value. */
export function argumentTable(query: string): ArgumentTable {
  const map = new Map<string, string[]>();
  const names: string[] = [];
  const values: string[] = [];
  if (query !== "") {
    for (const pair of query.split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? "" : pair.slice(equals + 1);
      append(map, name, value);
      names.push(name);
      values.push(value);
    }
  }
  return { map, names, values };
}

/** Cookie names are URL-decoded and keep their case, equal names are merged, values are untouched. */
export function cookieMap(headers: readonly string[] | undefined): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const header of headers ?? []) {
    for (const part of header.split(";")) {
      const pair = part.trim();
      const equals = pair.indexOf("=");
      if (equals <= 0) continue;
      append(map, percentDecode(pair.slice(0, equals).trim()), pair.slice(equals + 1).trim());
    }
  }
  return map;
}
