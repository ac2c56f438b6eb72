import type { ComparisonNode, ListItemNode, Node } from "../ast.ts";
import { toBytes } from "../bytes.ts";
import { typeOf } from "../check.ts";
import { chosen } from "../choices.ts";
import type { Argument } from "../evaluator.ts";
import type { FieldRow } from "../fieldRow.ts";
import { FIELDS } from "../fields.ts";
import { binders } from "../functions/binders.ts";
import { FUNCTIONS } from "../functions.ts";
import { type IpAddress, ipBits } from "../ip.ts";
import { printNode } from "../print.ts";
import type { RequestFields } from "../request.ts";
import { elementOf, type Type, type Value, type ValueArray, type ValueMap } from "../values.ts";

/**
 * A second reading of the language for tests: it walks the tree for every request and takes no short cut, so
 * that what the compiler fuses, reorders or looks up in sets can be compared with it. Only the functions
 * themselves are shared.
 */
export class Interpreter {
  readonly #request: RequestFields;
  readonly #choices = chosen();

  constructor(request: RequestFields) {
    this.#request = request;
  }

  /** Whether a condition holds; missing counts as not. */
  holds(node: Node, element?: Value): boolean {
    return this.value(node, element) === true;
  }

  value(node: Node, element?: Value): Value | undefined {
    switch (node.kind) {
      case "logical": {
        const truths = node.terms.map((term) => this.holds(term, element));
        const count = truths.filter(Boolean).length;
        if (node.operator === "and") return count === truths.length;
        return node.operator === "or" ? count > 0 : count % 2 === 1;
      }
      case "not":
        return !this.holds(node.operand, element);
      case "comparison":
        return this.#comparison(node, element);
      case "field":
        return this.#field(FIELDS.get(node.name) as FieldRow);
      case "call":
        return this.#call(node, element);
      case "index": {
        const target = this.value(node.target, element);
        if (target === undefined) return undefined;
        return typeof node.index === "string"
          ? (target as ValueMap).get(toBytes(node.index))
          : (target as ValueArray)[node.index];
      }
      case "each":
        return element;
      case "string":
        return toBytes(node.value);
      case "cidr":
        return node.address;
      default:
        return node.value;
    }
  }

  #field(row: FieldRow): Value | undefined {
    const value = row.read(this.#request);
    return value === undefined && row.absent !== undefined ? "" : value;
  }

  #comparison(node: ComparisonNode, element: Value | undefined): boolean {
    const left = this.value(node.left, element);
    const { operator, right } = node;
    if (left === undefined) return false;
    if (right.kind === "namedList") return false;
    if (right.kind === "list") return right.items.some((item) => isItem(left, item));
    if (right.kind === "ip") return (order(left, right.value) === 0) === (operator === "eq");
    const literal = this.value(right) as Value;
    const pattern = typeof literal === "string" ? literal : "";
    switch (operator) {
      case "eq":
        return order(left, literal) === 0;
      case "ne":
        return order(left, literal) !== 0;
      case "lt":
        return order(left, literal) < 0;
      case "le":
        return order(left, literal) <= 0;
      case "gt":
        return order(left, literal) > 0;
      case "ge":
        return order(left, literal) >= 0;
      case "contains":
        return (left as string).indexOf(pattern) >= 0;
      case "matches":
        return new RegExp(pattern.replace("(?i)", ""), pattern.startsWith("(?i)") ? "i" : "").test(
          left as string,
        );
      default:
        return wildcard(pattern, left as string, operator === "wildcard");
    }
  }

  #call(node: Extract<Node, { kind: "call" }>, element: Value | undefined): Value | undefined {
    const [first] = node.arguments as [Node];
    const source = printNode(node);
    const type = typeOf({ source, body: node }) as Type;
    const each = unpackedArray(first);
    const takesArrays = ["any", "all", "join"].includes(node.name);
    if (each === undefined) return this.#apply(node, type, (argument) => this.value(argument, element));
    const items = this.value(each) as ValueArray | undefined;
    if (takesArrays) {
      const values = items?.map((item) => this.value(first, item));
      return this.#apply(node, type, (argument) => (argument === first ? values : this.value(argument)));
    }
    return items?.map((item) =>
      this.#apply(node, elementOf(type) as Type, (argument) => this.value(argument, item)),
    );
  }

  #apply(node: Extract<Node, { kind: "call" }>, type: Type, read: (argument: Node) => Value | undefined) {
    const args = node.arguments.map((argument, index): Argument => {
      const parameters = FUNCTIONS.get(node.name)?.parameters ?? [];
      const row = parameters[Math.min(index, parameters.length - 1)];
      const value = read(argument);
      return { evaluate: () => value, literal: row?.literal === "only" ? value : undefined };
    });
    return binders[node.name]?.(args, this.#choices, type)(this.#request);
  }
}

function unpackedArray(node: Node): Node | undefined {
  if (node.kind === "each") return node.target;
  if (node.kind === "logical") return node.terms.map(unpackedArray).find((found) => found !== undefined);
  if (node.kind === "not") return unpackedArray(node.operand);
  if (node.kind === "comparison") return unpackedArray(node.left);
  return node.kind === "index" ? unpackedArray(node.target) : undefined;
}

function number(address: IpAddress): bigint {
  const value = address.words.reduce((sum, word) => sum * 2n ** 32n + BigInt(word), 0n);
  return address.version === 6 ? value + 2n ** 128n : value;
}

function order(left: Value, right: Value): number {
  if (typeof left === "object") return Number(number(left as IpAddress) - number(right as IpAddress));
  if (typeof left === "string")
    return Buffer.compare(Buffer.from(left, "latin1"), Buffer.from(right as string, "latin1"));
  const [a, b] = [BigInt(left), BigInt(right as number)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function isItem(left: Value, item: ListItemNode): boolean {
  if (item.kind === "string") return left === toBytes(item.value);
  if (item.kind === "range") return order(left, item.from.value) >= 0 && order(left, item.to.value) <= 0;
  if (item.kind !== "cidr") return order(left, item.value) === 0;
  const address = left as IpAddress;
  const dropped = BigInt(ipBits(item.address.version) - item.prefix);
  return (
    address.version === item.address.version && number(address) >> dropped === number(item.address) >> dropped
  );
}

function wildcard(pattern: string, text: string, folds: boolean): boolean {
  const source = pattern.replace(/\\[\s\S]|[\s\S]/g, (piece) => {
    if (piece === "*") return "[\\s\\S]*";
    const literal = piece.length === 2 ? piece.slice(1) : piece;
    return literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, folds ? "i" : "").test(text);
}
