import type { ComparisonNode, ListItemNode, Node } from "../ast.ts";
import { chosen } from "../choices.ts";
import type { Argument } from "../evaluator.ts";
import { FIELDS } from "../fields.ts";
import { binders } from "../functions/binders.ts";
import { FUNCTIONS } from "../functions.ts";
import { type IpAddress, ipBits } from "../ip.ts";
import { printNode } from "../print.ts";
import type { RequestFields } from "../request.ts";
import { elementOf, type Type, type Value, type ValueArray, type ValueMap } from "../values.ts";
import { typeOf } from "./sample.ts";

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
  holds(node: Node): boolean {
    return this.#truth(node) === true;
  }

  value(node: Node): Value | undefined {
    switch (node.kind) {
      case "logical":
      case "not":
      case "comparison":
        return this.#truth(node);
      case "field":
        return FIELDS.get(node.name)?.read(this.#request);
      case "call":
        return this.#call(node);
      case "index":
      case "each": {
        const reached = this.#reached(node);
        return unpacks(node) ? reached : reached?.[0];
      }
      case "cidr":
        return node.address;
      default:
        return node.value;
    }
  }

  /** A Bool, or where there is a `[*]` one for every element. */
  #truth(node: Node): boolean | readonly boolean[] {
    switch (node.kind) {
      case "logical": {
        const terms = node.terms.map((term) => this.#truth(term));
        const arrays = terms.filter((term) => typeof term !== "boolean");
        if (arrays.length === 0) return decide(node.operator, terms as boolean[]);
        const length = Math.min(...arrays.map((array) => array.length));
        return Array.from({ length }, (_, at) => {
          return decide(
            node.operator,
            arrays.map((array) => array[at] as boolean),
          );
        });
      }
      case "not": {
        const operand = this.#truth(node.operand);
        return typeof operand === "boolean" ? !operand : operand.map((one) => !one);
      }
      case "comparison": {
        const { left } = node;
        if (!unpacks(left)) return this.#comparison(node, this.value(left));
        return (this.#reached(left) ?? []).map((item) => this.#comparison(node, item));
      }
      default: {
        const value = this.value(node);
        if (Array.isArray(value)) return value.map((item) => item === true);
        const isMany = unpacks(node) || typeOf({ source: printNode(node), body: node }) === "Array<Bool>";
        return isMany ? [] : value === true;
      }
    }
  }

  /** Every value at the end of a chain of indexes; `undefined` where its start is missing. */
  #reached(node: Node): Value[] | undefined {
    if (node.kind !== "index" && node.kind !== "each") {
      const value = this.value(node);
      return value === undefined ? undefined : [value];
    }
    const targets = this.#reached(node.target);
    if (targets === undefined) return undefined;
    const found = targets.flatMap((target): (Value | undefined)[] => {
      if (node.kind === "each")
        return target instanceof Map ? inOrderOfKeys(target) : [...(target as ValueArray)];
      if (typeof node.index === "string") return [(target as ValueMap).get(node.index)];
      return [(target as ValueArray)[node.index]];
    });
    const present = found.filter((value) => value !== undefined);
    // A key that is not there, in front of a [*], leaves nothing to unpack.
    return present.length === 0 && !unpacks(node) ? undefined : present;
  }

  #comparison(node: ComparisonNode, left: Value | undefined): boolean {
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
      case "&":
        return (BigInt(left as number) & BigInt(literal as number)) !== 0n;
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

  #call(node: Extract<Node, { kind: "call" }>): Value | undefined {
    const [first] = node.arguments as [Node];
    const isCondition = ["logical", "not", "comparison"].includes(first.kind);
    if (["any", "all"].includes(node.name) && isCondition) {
      const truths = this.#truth(first) as readonly boolean[];
      return node.name === "any" ? truths.some(Boolean) : truths.every(Boolean);
    }
    const type = typeOf({ source: printNode(node), body: node }) as Type;
    if (!unpacks(first)) return this.#apply(node, type, (argument) => this.value(argument));
    return this.#reached(first)
      ?.map((item) =>
        this.#apply(node, elementOf(type) as Type, (argument) =>
          argument === first ? item : this.value(argument),
        ),
      )
      .filter((value) => value !== undefined);
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

function inOrderOfKeys(map: ValueMap): Value[] {
  const entries = [...map].sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1")),
  );
  return entries.map(([, value]) => value);
}

function decide(operator: "and" | "or" | "xor", truths: readonly boolean[]): boolean {
  const count = truths.filter(Boolean).length;
  if (operator === "and") return count === truths.length;
  return operator === "or" ? count > 0 : count % 2 === 1;
}

/** Whether a `[*]` stands in the chain of indexes itself, not in the arguments of a call. */
function unpacks(node: Node): boolean {
  return node.kind === "each" || (node.kind === "index" && unpacks(node.target));
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
  if (item.kind === "string") return left === item.value;
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
