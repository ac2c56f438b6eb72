import { type Expression, parse, print } from "@keyturn/edge/language";
import type { Difference } from "./changes.ts";

type Node = Expression["body"];

/**
 * An expression as a text that is equal for those that say the same in another spelling: parentheses that part
 * nothing, and the order in which `and`, `or`, `xor` and the elements of a set stand, mean nothing.
 */
export function canonical(expression: string): string {
  return textOf(sorted(parse(expression).body));
}

/**
 * Where two expressions differ, tree against tree: the smallest parts that hold all of it. Where one side has terms
 * that the other lacks, each term for itself.
 *
 * @param before,after as `canonical` answers them
 */
export function expressionDifferences(before: string, after: string): readonly Difference[] {
  return differing(parse(before).body, parse(after).body, []);
}

function differing(a: Node, b: Node, within: readonly string[]): readonly Difference[] {
  if (textOf(a) === textOf(b)) return [];
  if (a.kind === "not" && b.kind === "not") return differing(a.operand, b.operand, [...within, "not"]);
  if (a.kind === "logical" && b.kind === "logical" && a.operator === b.operator) {
    const inside = [...within, a.operator];
    const [gone, come] = [lacking(a.terms, b.terms), lacking(b.terms, a.terms)];
    const [old, now] = [gone[0], come[0]];
    if (gone.length === 1 && come.length === 1 && old !== undefined && now !== undefined)
      return differing(old, now, inside);
    return [
      ...gone.map((term) => ({ name: nameOf(inside), before: textOf(term) })),
      ...come.map((term) => ({ name: nameOf(inside), after: textOf(term) })),
    ];
  }
  return [{ name: nameOf(within), before: textOf(a), after: textOf(b) }];
}

/** `expression, within and > not`. */
function nameOf(within: readonly string[]): string {
  return within.length === 0 ? "expression" : `expression, within ${within.join(" > ")}`;
}

/** Terms that others do not have, each as often as it stands more. */
function lacking(terms: readonly Node[], others: readonly Node[]): readonly Node[] {
  const left = others.map(textOf);
  return terms.filter((term) => {
    const at = left.indexOf(textOf(term));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function sorted(node: Node): Node {
  switch (node.kind) {
    case "logical": {
      const terms = node.terms
        .map(sorted)
        .flatMap((term) =>
          term.kind === "logical" && term.operator === node.operator ? term.terms : [term],
        );
      return { ...node, terms: inOrder(terms, textOf) };
    }
    case "not":
      return { ...node, operand: sorted(node.operand) };
    case "comparison": {
      const { right } = node;
      if (right.kind !== "list") return node;
      const alone = (item: (typeof right.items)[number]) => ({ ...node, right: { ...right, items: [item] } });
      return { ...node, right: { ...right, items: inOrder(right.items, (item) => textOf(alone(item))) } };
    }
    case "call":
      return { ...node, arguments: node.arguments.map(sorted) };
    default:
      return node;
  }
}

function inOrder<T>(all: readonly T[], keyOf: (each: T) => string): T[] {
  const keyed = all.map((each) => [keyOf(each), each] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, each]) => each);
}

function textOf(body: Node): string {
  return print({ source: "", body });
}
