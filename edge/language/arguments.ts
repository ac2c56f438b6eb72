import { type CallNode, isLiteral, type Node } from "./ast.ts";
import type { Accepted, FunctionRow, ParameterRow } from "./functionRow.ts";
import type { Inferred, Report } from "./inference.ts";
import { isArrayType, isMapType, type Type } from "./values.ts";

function accepts(parameter: ParameterRow, type: Type): boolean {
  const takes = (accepted: Accepted) => {
    if (accepted === "Array") return isArrayType(type);
    return accepted === "Map" ? isMapType(type) : type === accepted;
  };
  return parameter.accepts.some(takes);
}

/** Reports too few or too many arguments. */
export function fitsCount(row: FunctionRow, node: CallNode, report: Report): boolean {
  const least = row.parameters.filter((parameter) => !parameter.optional).length;
  const most = row.repeats ? Number.POSITIVE_INFINITY : row.parameters.length;
  const count = node.arguments.length;
  if (count >= least && count <= most) return true;
  const range = most === least ? `${least}` : row.repeats ? `at least ${least}` : `${least} to ${most}`;
  const names = row.parameters.map((parameter) => parameter.name + (parameter.optional ? "?" : ""));
  report("ARGUMENT_COUNT", node, `${row.name} takes ${range} arguments, and ${count} stand here`, {
    expected: `${row.name}(${names.join(", ")}${row.repeats ? ", …" : ""})`,
  });
  return false;
}

function fitsLiteral(parameter: ParameterRow, argument: Node, report: Report): boolean {
  const literal = isLiteral(argument);
  if (parameter.literal !== undefined && (parameter.literal === "only") !== literal) {
    const message = `${parameter.name} must ${literal ? "not " : ""}be a literal`;
    report("ARGUMENT_LITERAL", argument, message, {
      expected: literal ? "a field or a function" : "a value written out",
    });
    return false;
  }
  return true;
}

/** Whether an argument fits the parameter in its place; reports why not. `type` is undefined for one already wrong. */
export function fitsParameter(
  row: FunctionRow,
  node: CallNode,
  index: number,
  type: Inferred | undefined,
  report: Report,
): boolean {
  const argument = node.arguments[index] as Node;
  const parameter = row.parameters[Math.min(index, row.parameters.length - 1)] as ParameterRow;
  if (type === undefined || !fitsLiteral(parameter, argument, report)) return false;
  if (index > 0 && type.each) {
    report("UNPACK_INVALID", argument, "[*] may stand only in the first argument of a function");
    return false;
  }
  if (!accepts(parameter, type.type)) {
    report("TYPE_MISMATCH", argument, `${parameter.name} cannot be of type ${type.type}`, {
      expected: parameter.accepts.join(" or "),
    });
    return false;
  }
  const must = parameter.rule?.(argument);
  if (must === undefined) return true;
  report("ARGUMENT_INVALID", argument, `${parameter.name} ${must}`);
  return false;
}

/** Reports arguments that are fine alone and wrong together. */
export function fitsTogether(
  row: FunctionRow,
  node: CallNode,
  types: readonly (Inferred | undefined)[],
  report: Report,
): void {
  const wrong = row.rule?.(node.arguments, types);
  if (wrong === undefined) return;
  const name = row.parameters[wrong.index]?.name;
  report("ARGUMENT_INVALID", node.arguments[wrong.index] as Node, `${name} ${wrong.must}`);
}

/** Reports a mixture of arrays and single values, or of arrays of different types. */
export function areAlike(types: readonly Inferred[], node: CallNode, report: Report): boolean {
  const first = types[0] as Inferred;
  const wrong = types.findIndex((type) => {
    return (isArrayType(first.type) || isArrayType(type.type)) && type.type !== first.type;
  });
  if (wrong < 0) return true;
  const message = `${node.name} joins strings, or arrays of one type`;
  report("TYPE_MISMATCH", node.arguments[wrong] as Node, message, { expected: first.type });
  return false;
}
