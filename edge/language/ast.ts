import type { IpAddress } from "./ip.ts";
import type { Integer } from "./values.ts";

export type LogicalOperator = "and" | "xor" | "or";

export type ComparisonOperator =
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "&"
  | "contains"
  | "matches"
  | "in"
  | "wildcard"
  | "strict wildcard";

/** Where a node stands in the source, in UTF-16 units, end excluded. */
interface Spanned {
  readonly start: number;
  readonly end: number;
}

/** A chain of one operator without parentheses is one node: `a and b and c` has three terms. */
interface LogicalNode extends Spanned {
  readonly kind: "logical";
  readonly operator: LogicalOperator;
  readonly terms: readonly Node[];
}

interface NotNode extends Spanned {
  readonly kind: "not";
  readonly operand: Node;
}

export interface ComparisonNode extends Spanned {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  readonly left: OperandNode;
  readonly right: LiteralNode | ListNode | NamedListNode;
}

interface FieldNode extends Spanned {
  readonly kind: "field";
  readonly name: string;
}

export interface CallNode extends Spanned {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Node[];
}

/** `target["key"]` (a byte string) or `target[0]`. */
export interface IndexNode extends Spanned {
  readonly kind: "index";
  readonly target: OperandNode;
  readonly index: string | number;
}

/** `target[*]`: every element of an array, or every value of a map. */
interface EachNode extends Spanned {
  readonly kind: "each";
  readonly target: OperandNode;
}

/** A byte string: one character per byte. On the right side of `matches`, of the pattern as the regex engine gets it. */
export interface StringNode extends Spanned {
  readonly kind: "string";
  readonly value: string;
}

export interface IntegerNode extends Spanned {
  readonly kind: "integer";
  readonly value: Integer;
}

interface BooleanNode extends Spanned {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface IpNode extends Spanned {
  readonly kind: "ip";
  readonly value: IpAddress;
}

interface CidrNode extends Spanned {
  readonly kind: "cidr";
  readonly address: IpAddress;
  readonly prefix: number;
}

/** `from..to`, both ends included. */
interface RangeNode extends Spanned {
  readonly kind: "range";
  readonly from: IntegerNode | IpNode;
  readonly to: IntegerNode | IpNode;
}

export type ListItemNode = StringNode | IntegerNode | IpNode | CidrNode | RangeNode;

export interface ListNode extends Spanned {
  readonly kind: "list";
  readonly items: readonly ListItemNode[];
}

/** `$name`. */
export interface NamedListNode extends Spanned {
  readonly kind: "namedList";
  readonly name: string;
}

export type LiteralNode = StringNode | IntegerNode | BooleanNode | IpNode | CidrNode;
export type OperandNode = FieldNode | CallNode | IndexNode | EachNode | LiteralNode;
export type Node = LogicalNode | NotNode | ComparisonNode | OperandNode;

/** A parsed expression together with its text, which problems point into. */
export interface Expression {
  readonly source: string;
  readonly body: Node;
}

export function isLiteral(node: Node): node is LiteralNode {
  return (
    node.kind === "string" ||
    node.kind === "integer" ||
    node.kind === "boolean" ||
    node.kind === "ip" ||
    node.kind === "cidr"
  );
}

/** A field, or a part of one: what stands behind it in brackets. */
export function isField(node: Node): boolean {
  if (node.kind === "index" || node.kind === "each") return isField(node.target);
  return node.kind === "field";
}

/** What an expression reads by name. */
export interface Names {
  readonly fields: ReadonlySet<string>;
  /** Without `$`. */
  readonly lists: ReadonlySet<string>;
}

/** The fields and named lists that an expression mentions anywhere. */
export function namesIn(expression: Expression): Names {
  const fields = new Set<string>();
  const lists = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    if ("kind" in part && "name" in part && typeof part.name === "string") {
      if (part.kind === "field") fields.add(part.name);
      else if (part.kind === "namedList") lists.add(part.name);
    }
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(expression.body);
  return { fields, lists };
}
