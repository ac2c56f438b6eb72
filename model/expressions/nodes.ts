import { type Expression, print } from "@keyturn/edge/language";

/** A part of a parsed expression. */
export type Node = Expression["body"];
export type Comparison = Extract<Node, { readonly kind: "comparison" }>;
export type Right = Comparison["right"];

/** Something that is probably not meant in an expression that Cloudflare takes. */
export interface ExpressionFinding {
  readonly code: "EXPRESSION_HEADER_CASE" | "EXPRESSION_CONSTANT" | "EXPRESSION_REGEX_COST";
  /** Where it stands in the expression, in UTF-16 units. */
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** The parts of a node, itself first. */
export function partsOf(node: Node): readonly Node[] {
  return [node, ...childrenOf(node).flatMap(partsOf)];
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "logical":
      return node.terms;
    case "not":
      return [node.operand];
    case "comparison":
      return [node.left];
    case "call":
      return node.arguments;
    case "index":
    case "each":
      return [node.target];
    case "field":
    case "string":
    case "integer":
    case "boolean":
    case "ip":
    case "cidr":
      return [];
  }
}

/** The texts on the right side of a comparison. */
export function textsIn(right: Right): readonly { readonly value: string; readonly start: number }[] {
  const items = right.kind === "list" ? right.items : [right];
  return items.flatMap((item) => (item.kind === "string" ? [item] : []));
}

/** A node as one writes it; equal for what is written alike but for blanks and brackets. */
export function textOf(node: Node): string {
  return print({ source: "", body: node });
}
