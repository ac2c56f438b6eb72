import type { ComparisonNode, ComparisonOperator } from "./ast.ts";
import { interned } from "./bytes.ts";
import type { BoolClosure, Closure } from "./evaluator.ts";
import { compareIp, type IpAddress } from "./ip.ts";
import { listTest, namedListTest } from "./membership.ts";
import { regexTest } from "./regex.ts";
import type { RequestFields } from "./request.ts";
import type { Integer, Value } from "./values.ts";
import { wildcardTest } from "./wildcard.ts";

/** Strings and integers get closures of their own: each then sees one type only, which engines compare fast. */
function compareText(operator: ComparisonOperator, left: Closure, text: string): BoolClosure | undefined {
  const read = left as (request: RequestFields, element?: Value) => string | undefined;
  switch (operator) {
    case "eq":
      return (request, element) => read(request, element) === text;
    case "ne":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value !== text;
      };
    case "lt":
      return (request, element) => (read(request, element) ?? text) < text;
    case "le":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value <= text;
      };
    case "gt":
      return (request, element) => (read(request, element) ?? text) > text;
    case "ge":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value >= text;
      };
    case "contains":
      return (request, element) => read(request, element)?.includes(text) === true;
    default:
      return undefined;
  }
}

function compareInteger(
  operator: ComparisonOperator,
  left: Closure,
  integer: Integer,
): BoolClosure | undefined {
  const read = left as (request: RequestFields, element?: Value) => Integer | undefined;
  switch (operator) {
    case "eq":
      return (request, element) => read(request, element) === integer;
    case "ne":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value !== integer;
      };
    case "lt":
      return (request, element) => (read(request, element) ?? integer) < integer;
    case "le":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value <= integer;
      };
    case "gt":
      return (request, element) => (read(request, element) ?? integer) > integer;
    case "ge":
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && value >= integer;
      };
    case "&": {
      const bits = BigInt(integer);
      return (request, element) => {
        const value = read(request, element);
        return value !== undefined && (BigInt(value) & bits) !== 0n;
      };
    }
    default:
      return undefined;
  }
}

function compareAddress(operator: ComparisonOperator, left: Closure, address: IpAddress): BoolClosure {
  const wanted = operator === "eq";
  return (request, element) => {
    const value = left(request, element) as IpAddress | undefined;
    return value !== undefined && (compareIp(value, address) === 0) === wanted;
  };
}

function byTest(left: Closure, test: (value: never) => boolean): BoolClosure {
  const passes = test as (value: Value) => boolean;
  return (request, element) => {
    const value = left(request, element);
    return value !== undefined && passes(value);
  };
}

/** Compiles a checked comparison over the closure of its left side. A missing value makes each of them false. */
export function compileComparison(node: ComparisonNode, left: Closure): BoolClosure {
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
  if (right.kind === "ip") return compareAddress(operator, left, right.value);
  if (right.kind === "integer") return compareInteger(operator, left, right.value) as BoolClosure;
  const pattern = (right as { value: string }).value;
  const compared = compareText(operator, left, interned(pattern));
  if (compared !== undefined) return compared;
  if (operator === "matches") return byTest(left, regexTest(pattern));
  return byTest(left, wildcardTest(pattern, operator === "strict wildcard"));
}
