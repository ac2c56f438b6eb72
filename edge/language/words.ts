import type { ComparisonOperator, LogicalOperator } from "./ast.ts";

/** Signs of comparison operators and what they are called in English. */
export const comparisonSigns: Readonly<Record<string, ComparisonOperator>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "~": "matches",
  "&": "&",
};

/** Words that begin a comparison's right side. */
export const comparisonWords: readonly string[] = [
  ...["eq", "ne", "lt", "le", "gt", "ge"],
  ...["contains", "matches", "in", "wildcard", "strict", "bitwise_and"],
];

/** The other spelling of logical operators. */
export const logicalSigns: Readonly<Record<LogicalOperator, string>> = { and: "&&", xor: "^^", or: "||" };
/** Words that are no fields. */
export const reserved: ReadonlySet<string> = new Set([...comparisonWords, "and", "or", "xor", "not"]);
/** What can stand after an operand, for suggestions. */
export const operatorWords: readonly string[] = [
  ...comparisonWords.filter((word) => word !== "strict"),
  "and",
  "or",
  "xor",
];

/** What authors write as operators although it is none, and what to write instead. */
export const insteadOfOperator: Readonly<Record<string, string>> = {
  starts_with: 'the function starts_with(field, "…")',
  ends_with: 'the function ends_with(field, "…")',
  equals: "eq",
  is: "eq",
  like: "wildcard",
};
