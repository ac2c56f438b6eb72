import type { ListItemNode, ListNode } from "./ast.ts";
import { interned } from "./bytes.ts";
import { cidrRange, compareIp, type IpAddress, type IpRange, parseIp } from "./ip.ts";
import type { ListValues } from "./request.ts";
import { type Integer, parseInteger, type Value } from "./values.ts";

type Member = (value: Value) => boolean;

/** Sorted spans without overlaps, for a binary search. */
function merged<T>(
  spans: readonly { first: T; last: T }[],
  compare: (a: T, b: T) => number,
): { first: T; last: T }[] {
  const sorted = [...spans].sort((a, b) => compare(a.first, b.first));
  const result: { first: T; last: T }[] = [];
  for (const span of sorted) {
    const previous = result.at(-1);
    if (previous === undefined || compare(span.first, previous.last) > 0) result.push({ ...span });
    else if (compare(span.last, previous.last) > 0) previous.last = span.last;
  }
  return result;
}

function within<T>(
  spans: readonly { first: T; last: T }[],
  value: T,
  compare: (a: T, b: T) => number,
): boolean {
  let [low, high] = [0, spans.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle] as { first: T; last: T };
    if (compare(value, span.first) < 0) high = middle - 1;
    else if (compare(value, span.last) > 0) low = middle + 1;
    else return true;
  }
  return false;
}

function addresses(ranges: readonly IpRange[]): Member {
  const six = merged(
    ranges.filter((range) => range.first.version === 6),
    compareIp,
  );
  const four = merged(
    ranges
      .filter((range) => range.first.version === 4)
      .map((range) => ({ first: range.first.words[3], last: range.last.words[3] })),
    (a, b) => a - b,
  );
  return (value) => {
    const address = value as IpAddress;
    if (address.version === 6) return within(six, address, compareIp);
    return within(four, address.words[3], (a, b) => a - b);
  };
}

function compareIntegers(a: Integer, b: Integer): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function integers(spans: readonly { first: Integer; last: Integer }[]): Member {
  const single = spans.filter((span) => span.first === span.last);
  if (single.length === spans.length) {
    const values = new Set<Value>(single.map((span) => span.first));
    return (value) => values.has(value);
  }
  const ranges = merged(spans, compareIntegers);
  return (value) => within(ranges, value as Integer, compareIntegers);
}

function addressRange(item: ListItemNode): IpRange {
  if (item.kind === "cidr") return cidrRange(item.address, item.prefix);
  if (item.kind === "range") return { first: item.from.value as IpAddress, last: item.to.value as IpAddress };
  const address = (item as { value: IpAddress }).value;
  return { first: address, last: address };
}

function integerSpan(item: ListItemNode): { first: Integer; last: Integer } {
  if (item.kind === "range") return { first: item.from.value as Integer, last: item.to.value as Integer };
  const value = (item as { value: Integer }).value;
  return { first: value, last: value };
}

/** A test for an inline list whose items all have the type of the left side. */
export function listTest(list: ListNode): Member {
  const [first] = list.items;
  if (first === undefined) return () => false;
  if (first.kind === "string") {
    const values = list.items.map((item) => interned((item as { value: string }).value));
    const [one, two] = values;
    if (values.length === 1) return (value) => value === one;
    if (values.length === 2) return (value) => value === one || value === two;
    const set = new Set<Value>(values);
    return (value) => set.has(value);
  }
  const isInteger = first.kind === "integer" || (first.kind === "range" && first.from.kind === "integer");
  return isInteger ? integers(list.items.map(integerSpan)) : addresses(list.items.map(addressRange));
}

function listAddress(item: string): IpRange[] {
  const [text = "", bits] = item.split("/");
  const address = parseIp(text);
  if (address === undefined) return [];
  return [bits === undefined ? { first: address, last: address } : cidrRange(address, Number(bits))];
}

function hostnames(items: readonly string[]): Member {
  const names = new Set<Value>(items);
  const suffixes = items.filter((item) => item.startsWith("*.")).map((item) => item.slice(1));
  return (value) =>
    names.has(value) || (typeof value === "string" && suffixes.some((suffix) => value.endsWith(suffix)));
}

const known = new WeakMap<ListValues, Member>();

/** A test for a named list, built once for each list object. A `*.` hostname matches any subdomain. */
export function namedListTest(list: ListValues): Member {
  let test = known.get(list);
  if (test === undefined) {
    if (list.kind === "ip") {
      const contains = addresses(list.items.flatMap(listAddress));
      test = (value) => typeof value === "object" && contains(value);
    } else if (list.kind === "asn") {
      const numbers = list.items.map(parseInteger).filter((item) => item !== undefined);
      test = integers(numbers.map((number) => ({ first: number, last: number })));
    } else test = hostnames(list.items);
    known.set(list, test);
  }
  return test;
}
