import type { Expression } from "@keyturn/edge/language";
import { type Comparison, type ExpressionFinding, type Node, type Right, textOf } from "./nodes.ts";

/** Most cases that are gone through; an expression with more is not judged. */
const MOST_CASES = 4_096;

/** Any text or number that no comparison names. */
const OTHER = null;
/** An operand that a request does not have: no comparison holds. */
const MISSING = undefined;
type Value = string | bigint | typeof OTHER | typeof MISSING;

/** What is chosen in one case: values of operands, and whether each other condition holds. */
type Case = ReadonlyMap<string, Value | boolean>;

/**
 * Whether an expression holds for all requests, or for none. Comparisons of one operand with texts and numbers are held
 * against each other; whatever else is asked may hold or not. So one that is told is always so.
 */
export function constant({ body }: Expression): readonly ExpressionFinding[] {
  // Written alone it is meant.
  if (body.kind === "boolean" && body.value) return [];
  const choices = new Map<string, readonly (Value | boolean)[]>();
  collect(body, choices);
  const cases = [...choices.values()].reduce((sum, values) => sum * values.length, 1);
  if (cases > MOST_CASES) return [];
  const seen = new Set<boolean>();
  for (const chosen of allOf([...choices])) {
    seen.add(holds(body, chosen));
    if (seen.size > 1) return [];
  }
  const always = seen.has(true);
  return [
    {
      code: "EXPRESSION_CONSTANT",
      offset: body.start,
      message: `the expression ${always ? "holds for every request" : "never holds"}`,
      hint: always
        ? 'correct it; a rule that shall refuse all that it matches says expression: "true"'
        : "correct what excludes each other in it, or remove the rule",
    },
  ];
}

function* allOf(choices: readonly (readonly [string, readonly (Value | boolean)[]])[]): Generator<Case> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield new Map();
    return;
  }
  const [name, values] = first;
  for (const value of values) for (const others of allOf(rest)) yield new Map([[name, value], ...others]);
}

/** What has to be chosen to know whether a node holds. */
function collect(node: Node, choices: Map<string, readonly (Value | boolean)[]>): void {
  switch (node.kind) {
    case "logical":
      for (const term of node.terms) collect(term, choices);
      return;
    case "not":
      collect(node.operand, choices);
      return;
    case "boolean":
      return;
    case "comparison": {
      const named = valuesNamed(node);
      if (named === undefined) break;
      const name = textOf(node.left);
      const more = node.left.kind === "field" ? [OTHER] : [OTHER, MISSING];
      choices.set(name, [...new Set([...(choices.get(name) ?? []), ...named, ...more])]);
      return;
    }
    default:
      break;
  }
  choices.set(textOf(node), [true, false]);
}

function holds(node: Node, chosen: Case): boolean {
  switch (node.kind) {
    case "logical": {
      const terms = node.terms.map((term) => holds(term, chosen));
      if (node.operator === "and") return terms.every(Boolean);
      return node.operator === "or" ? terms.some(Boolean) : terms.filter(Boolean).length % 2 === 1;
    }
    case "not":
      return !holds(node.operand, chosen);
    case "boolean":
      return node.value;
    case "comparison": {
      const value = valuesNamed(node) === undefined ? true : chosen.get(textOf(node.left));
      if (typeof value !== "boolean") return compares(node, value);
      return chosen.get(textOf(node)) === true;
    }
    default:
      return chosen.get(textOf(node)) === true;
  }
}

/** The values that a comparison tells apart, those beside them included; undefined where it tells others apart. */
function valuesNamed({ operator, left, right }: Comparison): readonly (string | bigint)[] | undefined {
  // Of several elements each may be another.
  if (textOf(left).includes("[*]")) return undefined;
  const items = literalsIn(right);
  if (items === undefined || !["eq", "ne", "in", "lt", "le", "gt", "ge"].includes(operator)) return undefined;
  // Texts are ordered by their bytes: which lie between two of them is not gone through.
  if (!["eq", "ne", "in"].includes(operator) && items.some((item) => typeof item === "string"))
    return undefined;
  return items.flatMap((item): (string | bigint)[] =>
    typeof item === "bigint" ? [item - 1n, item, item + 1n] : [item],
  );
}

function literalsIn(right: Right): readonly (string | bigint)[] | undefined {
  if (right.kind === "namedList") return undefined;
  const items: (string | bigint)[] = [];
  for (const item of right.kind === "list" ? right.items : [right]) {
    switch (item.kind) {
      case "string":
        items.push(item.value);
        break;
      case "integer":
        items.push(BigInt(item.value));
        break;
      case "range":
        if (item.from.kind !== "integer" || item.to.kind !== "integer") return undefined;
        items.push(BigInt(item.from.value), BigInt(item.to.value));
        break;
      default:
        return undefined;
    }
  }
  return items;
}

function compares({ operator, right }: Comparison, value: Value): boolean {
  if (value === MISSING) return false;
  const items = right.kind === "list" ? right.items : [right];
  const equals = items.some((item) => {
    if (item.kind === "string") return item.value === value;
    if (item.kind === "integer") return BigInt(item.value) === value;
    if (item.kind !== "range" || item.from.kind !== "integer" || item.to.kind !== "integer") return false;
    return typeof value === "bigint" && BigInt(item.from.value) <= value && value <= BigInt(item.to.value);
  });
  if (operator === "eq" || operator === "in") return equals;
  if (operator === "ne") return !equals;
  const bound = right.kind === "integer" ? BigInt(right.value) : undefined;
  // A number that none names lies above all of them: those between are beside the ones that are named.
  if (bound === undefined || typeof value === "string") return false;
  if (value === OTHER) return operator === "gt" || operator === "ge";
  if (operator === "lt") return value < bound;
  if (operator === "le") return value <= bound;
  return operator === "gt" ? value > bound : value >= bound;
}
