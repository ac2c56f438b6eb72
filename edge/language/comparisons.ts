import type { ComparisonNode, ComparisonOperator, ListItemNode } from "./ast.ts";
import type { Report } from "./inference.ts";
import { compareIp } from "./ip.ts";
import { regexProblem } from "./regex.ts";
import type { Type } from "./values.ts";
import { wildcardProblem } from "./wildcard.ts";

/** An operator: its other spelling, and the types that may stand on its left. */
interface OperatorRow {
  readonly name: ComparisonOperator | "not" | "and" | "xor" | "or";
  readonly sign?: string;
  readonly left: readonly Type[];
  readonly plan?: "business";
  readonly source: string;
  readonly asOf: string;
}

const source = "developers.cloudflare.com: ruleset-engine/rules-language/operators";
const asOf = "2026-11";

/** Every operator. Logical ones in the order of precedence, the strongest first. */
export const OPERATORS: readonly OperatorRow[] = [
  { name: "eq", sign: "==", left: ["String", "Integer", "IP"], source, asOf },
  { name: "ne", sign: "!=", left: ["String", "Integer", "IP"], source, asOf },
  { name: "lt", sign: "<", left: ["String", "Integer"], source, asOf },
  { name: "le", sign: "<=", left: ["String", "Integer"], source, asOf },
  { name: "gt", sign: ">", left: ["String", "Integer"], source, asOf },
  { name: "ge", sign: ">=", left: ["String", "Integer"], source, asOf },
  { name: "&", left: ["Integer"], source: "the public engine (github.com/cloudflare/wirefilter)", asOf },
  { name: "contains", left: ["String"], source, asOf },
  { name: "matches", sign: "~", left: ["String"], plan: "business", source, asOf },
  { name: "in", left: ["String", "Integer", "IP"], source, asOf },
  { name: "wildcard", left: ["String"], source, asOf },
  { name: "strict wildcard", left: ["String"], source, asOf },
  { name: "not", sign: "!", left: ["Bool"], source, asOf },
  { name: "and", sign: "&&", left: ["Bool"], source, asOf },
  { name: "xor", sign: "^^", left: ["Bool"], source, asOf },
  { name: "or", sign: "||", left: ["Bool"], source, asOf },
];

/** The rows of `OPERATORS` by name. */
export const operatorRows: ReadonlyMap<string, OperatorRow> = new Map(
  OPERATORS.map((row) => [row.name, row]),
);

function literalType(item: ListItemNode | ComparisonNode["right"]): Type | undefined {
  switch (item.kind) {
    case "string":
      return "String";
    case "integer":
      return "Integer";
    case "ip":
    case "cidr":
      return "IP";
    case "range":
      return literalType(item.from);
    default:
      return undefined;
  }
}

function checkItem(item: ListItemNode, type: Type, report: Report): void {
  if (literalType(item) !== type) {
    report("LIST_INVALID", item, `this list is compared with ${type}`, { expected: `items of type ${type}` });
    return;
  }
  if (item.kind !== "range") return;
  const { from, to } = item;
  if (from.kind === "ip" && to.kind === "ip") {
    if (from.value.version !== to.value.version) {
      report("RANGE_INVALID", item, "a range cannot go from IPv4 to IPv6");
    } else if (compareIp(from.value, to.value) > 0) {
      report("RANGE_INVALID", item, "the end of this range is before its start");
    }
  } else if (from.kind === "integer" && to.kind === "integer" && from.value > to.value) {
    report("RANGE_INVALID", item, "the end of this range is before its start");
  }
}

/** Checks operator and right side of a comparison against the type of its left side. */
export function checkRight(node: ComparisonNode, left: Type, report: Report): void {
  const { operator, right } = node;
  const row = operatorRows.get(operator) as OperatorRow;
  if (!row.left.includes(left)) {
    const expected =
      left === "Bool" ? "the Bool alone, or not before it" : `${row.left.join(" or ")} on the left`;
    report("TYPE_MISMATCH", node, `${operator} does not work on ${left}`, { expected });
    return;
  }
  if (right.kind === "namedList") return;
  if (right.kind === "list") {
    for (const item of right.items) checkItem(item, left, report);
    return;
  }
  if (right.kind === "cidr") {
    report("TYPE_MISMATCH", right, `${operator} compares with one address`, {
      expected: "in {…} around the block",
    });
    return;
  }
  if (literalType(right) !== left) {
    report("TYPE_MISMATCH", right, `${left} is compared with another type here`, {
      expected: `a literal of type ${left}`,
    });
    return;
  }
  if (right.kind !== "string") return;
  if (operator === "matches") {
    const must = regexProblem(right.value);
    if (must !== undefined) report("REGEX_INVALID", right, `the regular expression ${must}`);
  } else if (operator === "wildcard" || operator === "strict wildcard") {
    const must = wildcardProblem(right.value);
    if (must !== undefined) report("WILDCARD_INVALID", right, `the pattern ${must}`);
  }
}
