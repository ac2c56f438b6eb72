import { areAlike, fitsCount, fitsParameter, fitsTogether } from "./arguments.ts";
import { type CallNode, type ComparisonNode, type Expression, isLiteral, type Node } from "./ast.ts";
import { checkRight } from "./comparisons.ts";
import { FIELDS } from "./fields.ts";
import type { FunctionRow } from "./functionRow.ts";
import { FUNCTIONS } from "./functions.ts";
import type { Inference, Inferred, Report, Visitor } from "./inference.ts";
import { type ExpressionProblem, problemsIn } from "./problems.ts";
import { nearest } from "./suggest.ts";
import { arrayOf, elementOf, isArrayType, isMapType, type Type } from "./values.ts";

const literalTypes = { string: "String", integer: "Integer", boolean: "Bool", ip: "IP" } as const;

class Inferrer {
  readonly types: Map<Node, Inferred> = new Map();
  readonly problems: ExpressionProblem[] = [];
  readonly #problem: ReturnType<typeof problemsIn>;
  readonly #visitor: Visitor;
  readonly #onceGroups: Map<string, CallNode> = new Map();

  constructor(source: string, visitor: Visitor) {
    this.#problem = problemsIn(source);
    this.#visitor = visitor;
  }

  report: Report = (code, node, message, detail = {}) => {
    this.problems.push(this.#problem(code, node.start, node.end, message, detail));
  };

  infer(node: Node): Inferred | undefined {
    const inferred = this.#infer(node);
    if (inferred !== undefined) this.types.set(node, inferred);
    return inferred;
  }

  #infer(node: Node): Inferred | undefined {
    switch (node.kind) {
      case "logical":
        return this.#logical(node);
      case "not":
        return this.#truth(node.operand);
      case "comparison":
        return this.#comparison(node);
      case "field":
        return this.#field(node);
      case "call":
        return this.#call(node);
      case "index":
        return this.#index(node);
      case "each":
        return this.#each(node);
      case "cidr":
        this.report("TYPE_MISMATCH", node, "an address block is no value", { expected: "in {…} around it" });
        return undefined;
      default:
        return { type: literalTypes[node.kind] };
    }
  }

  /** Terms are all Bool, or all arrays of Bool, which are combined element by element. */
  #logical(node: Extract<Node, { kind: "logical" }>): Inferred | undefined {
    const terms = node.terms.map((term) => this.#truth(term));
    const first = terms.find((term) => term !== undefined);
    for (const [index, term] of terms.entries()) {
      if (term === undefined || term.type === first?.type) continue;
      const message = `this is of type ${term.type}, and the terms before it are of type ${first?.type}`;
      this.report("TYPE_MISMATCH", node.terms[index] as Node, message, {
        expected: "[*] in every term, or in none",
      });
      return undefined;
    }
    return terms.includes(undefined) ? undefined : first;
  }

  /** The type of a term of `and`, `xor`, `or` and `not`: Bool, or an array of Bool. */
  #truth(node: Node): Inferred | undefined {
    const inferred = this.infer(node);
    if (inferred === undefined) return undefined;
    const type = inferred.each ? arrayOf(inferred.type) : inferred.type;
    if (type === "Bool" || type === "Array<Bool>") return { type };
    this.report("TYPE_MISMATCH", node, `this is of type ${type}, and only Bool stands without an operator`, {
      expected: "a comparison, such as eq, or a Bool field",
    });
    return undefined;
  }

  #field(node: Extract<Node, { kind: "field" }>): Inferred | undefined {
    const row = FIELDS.get(node.name);
    if (row !== undefined) {
      this.#visitor.field?.(row, node);
      return { type: row.type };
    }
    const isFunction = FUNCTIONS.has(node.name);
    this.report(
      "UNKNOWN_FIELD",
      node,
      isFunction ? `${node.name} is a function` : `there is no field ${node.name}`,
      {
        ...(isFunction ? { expected: `its arguments in parentheses` } : {}),
        suggestion: isFunction ? undefined : nearest(node.name, FIELDS.keys()),
      },
    );
    return undefined;
  }

  #index(node: Extract<Node, { kind: "index" }>): Inferred | undefined {
    const target = this.infer(node.target);
    if (target === undefined) return undefined;
    const wanted = isMapType(target.type) ? "string" : isArrayType(target.type) ? "number" : undefined;
    if (typeof node.index !== wanted) {
      const expected = { string: 'a key in quotes, such as ["name"]', number: "a position, such as [0]" };
      this.report("TYPE_MISMATCH", node, `${target.type} has no such index`, {
        expected: wanted === undefined ? "no index here" : expected[wanted],
      });
      return undefined;
    }
    return { ...target, type: elementOf(target.type) as Type };
  }

  #each(node: Extract<Node, { kind: "each" }>): Inferred | undefined {
    const target = this.infer(node.target);
    if (target === undefined) return undefined;
    const element = elementOf(target.type);
    if (element !== undefined) return { type: element, each: true };
    this.report("UNPACK_INVALID", node, `[*] unpacks arrays and maps, and this is of type ${target.type}`);
    return undefined;
  }

  #comparison(node: ComparisonNode): Inferred | undefined {
    this.#visitor.comparison?.(node);
    if (isLiteral(node.left)) {
      this.report("TYPE_MISMATCH", node.left, "the left side of an operator is a field or a function", {
        expected: "the literal on the right side",
      });
      return undefined;
    }
    const left = this.infer(node.left);
    if (left === undefined) return undefined;
    checkRight(node, left.type, this.report);
    return { type: left.each ? "Array<Bool>" : "Bool" };
  }

  #call(node: CallNode): Inferred | undefined {
    const row = FUNCTIONS.get(node.name);
    if (row === undefined) {
      const isField = FIELDS.has(node.name);
      this.report(
        "UNKNOWN_FUNCTION",
        node,
        isField ? `${node.name} is a field` : `there is no function ${node.name}`,
        {
          suggestion: isField ? undefined : nearest(node.name, FUNCTIONS.keys()),
        },
      );
      for (const argument of node.arguments) this.infer(argument);
      return undefined;
    }
    this.#visitor.call?.(row, node);
    this.#once(row, node);
    const types = node.arguments.map((argument) => this.infer(argument));
    if (!fitsCount(row, node, this.report)) return undefined;
    const fits = types.map((type, index) => fitsParameter(row, node, index, type, this.report));
    fitsTogether(row, node, types, this.report);
    const [first] = types;
    if (first === undefined || fits.includes(false)) return undefined;
    if (row.alike && !areAlike(types as Inferred[], node, this.report)) return undefined;
    const joinsArrays = row.alike && isArrayType(first.type);
    const result = row.returns === "first" || joinsArrays ? first.type : row.returns;
    return { type: first.each ? arrayOf(result) : result };
  }

  #once(row: FunctionRow, node: CallNode): void {
    if (row.onceGroup === undefined) return;
    const before = this.#onceGroups.get(row.onceGroup);
    if (before === undefined) this.#onceGroups.set(row.onceGroup, node);
    else {
      this.report("FUNCTION_ONCE", node, `${node.name} stands beside ${before.name} in one expression`, {
        expected: "regex_replace or wildcard_replace once, and not within each other",
      });
    }
  }
}

/** Infers the type of every node and reports what does not fit; names outside of the tables are problems too. */
export function infer(expression: Expression, visitor: Visitor = {}): Inference {
  const inferrer = new Inferrer(expression.source, visitor);
  const root = inferrer.infer(expression.body);
  const isMany = ["logical", "not", "comparison"].includes(expression.body.kind) && root?.type !== "Bool";
  if (root?.each || (root !== undefined && isMany)) {
    const message = "[*] yields many values and stands outside of a function";
    inferrer.report("UNPACK_INVALID", expression.body, message, { expected: "any(…) or all(…) around it" });
  }
  return { types: inferrer.types, problems: inferrer.problems };
}
