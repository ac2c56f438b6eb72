import type { ComparisonNode } from "./ast.ts";
import { toBytes } from "./bytes.ts";
import type { Choices } from "./choices.ts";
import type { BoolClosure, Closure } from "./evaluator.ts";
import { compareIp, type IpAddress } from "./ip.ts";
import { listTest, namedListTest } from "./membership.ts";
import { regexTest } from "./regex.ts";
import type { Integer, Value } from "./values.ts";
import { asciiLower, wildcardTest } from "./wildcard.ts";

type Ordered = string | Integer;

function literalOf(node: ComparisonNode["right"]): Value {
  if (node.kind === "string") return toBytes(node.value);
  return (node as { value: Value }).value;
}

function compareAddress(operator: "eq" | "ne", left: Closure, literal: IpAddress): BoolClosure {
  const wanted = operator === "eq";
  return (request, element) => {
    const value = left(request, element) as IpAddress | undefined;
    return value !== undefined && (compareIp(value, literal) === 0) === wanted;
  };
}

function byTest(left: Closure, test: (value: never) => boolean): BoolClosure {
  const passes = test as (value: Value) => boolean;
  return (request, element) => {
    const value = left(request, element);
    return value !== undefined && passes(value);
  };
}

function foldUnicode(bytes: string): string {
  return Buffer.from(Buffer.from(bytes, "latin1").toString("utf8").toLowerCase(), "utf8").toString("latin1");
}

/** Compiles a checked comparison over the closure of its left side. A missing value makes each of them false. */
export function compileComparison(node: ComparisonNode, left: Closure, choices: Choices): BoolClosure {
  const { operator, right } = node;
  if (right.kind === "list") return byTest(left, listTest(right));
  if (right.kind === "namedList") {
    const { name } = right;
    return (request, element) => {
      const value = left(request, element);
      const list = request.lists?.get(name);
      return value !== undefined && list !== undefined && namedListTest(list)(value);
    };
  }
  const literal = literalOf(right);
  if (right.kind === "ip") return compareAddress(operator as "eq" | "ne", left, literal as IpAddress);
  const ordered = literal as Ordered;
  const text = literal as string;
  switch (operator) {
    case "eq":
      return (request, element) => left(request, element) === literal;
    case "ne":
      return (request, element) => {
        const value = left(request, element);
        return value !== undefined && value !== literal;
      };
    case "lt":
      return (request, element) => {
        const value = left(request, element) as Ordered | undefined;
        return value !== undefined && value < ordered;
      };
    case "le":
      return (request, element) => {
        const value = left(request, element) as Ordered | undefined;
        return value !== undefined && value <= ordered;
      };
    case "gt":
      return (request, element) => {
        const value = left(request, element) as Ordered | undefined;
        return value !== undefined && value > ordered;
      };
    case "ge":
      return (request, element) => {
        const value = left(request, element) as Ordered | undefined;
        return value !== undefined && value >= ordered;
      };
    case "contains":
      return (request, element) => {
        const value = left(request, element) as string | undefined;
        return value?.includes(text) === true;
      };
    case "matches":
      return byTest(left, regexTest((right as { value: string }).value));
    default: {
      const fold = choices.caseFolding === "unicode" ? foldUnicode : asciiLower;
      return byTest(
        left,
        wildcardTest((right as { value: string }).value, operator === "strict wildcard", fold),
      );
    }
  }
}
