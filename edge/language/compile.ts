import {
  type CallNode,
  type Expression,
  type IndexNode,
  isLiteral,
  type LiteralNode,
  type Node,
  type OperandNode,
} from "./ast.ts";
import { interned, toBytes } from "./bytes.ts";
import { type Choices, chosen } from "./choices.ts";
import { compileComparison } from "./compare.ts";
import type { Argument, Binder, BoolClosure, Closure } from "./evaluator.ts";
import type { FieldRow } from "./fieldRow.ts";
import { FIELDS } from "./fields.ts";
import { binders } from "./functions/binders.ts";
import { infer } from "./infer.ts";
import type { Inference, Inferred } from "./inference.ts";
import { ExpressionError, problemAt } from "./problems.ts";
import type { EvaluationContext } from "./request.ts";
import { elementOf, type Type, type Value, type ValueArray, type ValueMap } from "./values.ts";

export interface CompileOptions {
  /** Rows of `CHOICES` to decide otherwise. */
  readonly choices?: Partial<Choices>;
}

/** A compiled expression; `undefined` is a missing value. */
export type Evaluator = (request: EvaluationContext) => Value | undefined;

function literalValue(node: LiteralNode): Value {
  if (node.kind === "string") return toBytes(node.value);
  return node.kind === "cidr" ? node.address : node.value;
}

function conjunction(terms: readonly BoolClosure[]): BoolClosure {
  const [a, b, c, d] = terms as [BoolClosure, BoolClosure, BoolClosure, BoolClosure];
  switch (terms.length) {
    case 2:
      return (request, element) => a(request, element) && b(request, element);
    case 3:
      return (request, element) => a(request, element) && b(request, element) && c(request, element);
    case 4:
      return (r, e) => a(r, e) && b(r, e) && c(r, e) && d(r, e);
    default:
      return (request, element) => {
        for (let index = 0; index < terms.length; index++) {
          if (!(terms[index] as BoolClosure)(request, element)) return false;
        }
        return true;
      };
  }
}

function disjunction(terms: readonly BoolClosure[]): BoolClosure {
  const [a, b, c] = terms as [BoolClosure, BoolClosure, BoolClosure];
  switch (terms.length) {
    case 2:
      return (request, element) => a(request, element) || b(request, element);
    case 3:
      return (request, element) => a(request, element) || b(request, element) || c(request, element);
    default:
      return (request, element) => {
        for (let index = 0; index < terms.length; index++) {
          if ((terms[index] as BoolClosure)(request, element)) return true;
        }
        return false;
      };
  }
}

function exclusive(terms: readonly BoolClosure[]): BoolClosure {
  return (request, element) => {
    let result = false;
    for (const term of terms) if (term(request, element)) result = !result;
    return result;
  };
}

/** The array behind the one `[*]` of a node, looked for through everything but the inside of other calls. */
function unpackedIn(node: Node): OperandNode | undefined {
  switch (node.kind) {
    case "each":
      return node.target;
    case "logical":
      return unpackedIn(node.terms[0] as Node);
    case "not":
      return unpackedIn(node.operand);
    case "comparison":
      return unpackedIn(node.left);
    case "index":
      return unpackedIn(node.target);
    default:
      return undefined;
  }
}

class Compiler {
  readonly #types: ReadonlyMap<Node, Inferred>;
  readonly #choices: Choices;

  constructor(types: ReadonlyMap<Node, Inferred>, choices: Choices) {
    this.#types = types;
    this.#choices = choices;
  }

  /** A node as a condition: missing counts as false. */
  condition(node: Node): BoolClosure {
    if (node.kind === "logical") {
      const terms = node.terms.map((term) => this.condition(term));
      return { and: conjunction, or: disjunction, xor: exclusive }[node.operator](terms);
    }
    if (node.kind === "not") {
      const operand = this.condition(node.operand);
      return (request, element) => !operand(request, element);
    }
    if (node.kind === "comparison") return compileComparison(node, this.value(node.left), this.#choices);
    if (node.kind === "boolean") return node.value ? () => true : () => false;
    const value = this.value(node);
    return (request, element) => value(request, element) === true;
  }

  value(node: Node): Closure {
    switch (node.kind) {
      case "logical":
      case "not":
      case "comparison":
        return this.condition(node);
      case "field":
        return this.#field(FIELDS.get(node.name) as FieldRow);
      case "call":
        return this.#call(node);
      case "index":
        return this.#index(node);
      case "each":
        return (_, element) => element;
      default: {
        const value = literalValue(node);
        return () => value;
      }
    }
  }

  #field(row: FieldRow): Closure {
    const { read } = row;
    if (row.absent === undefined || this.#choices[row.absent] === "missing") return read;
    return (request) => read(request) ?? "";
  }

  #index(node: IndexNode): Closure {
    const { target, index } = node;
    if (typeof index === "string") return this.#entry(target, interned(toBytes(index)));
    if (target.kind !== "index" || typeof target.index !== "string") {
      const value = this.value(target);
      return (request, element) => (value(request, element) as ValueArray | undefined)?.[index];
    }
    const key = interned(toBytes(target.index));
    const elementAt = target.target.kind === "field" ? FIELDS.get(target.target.name)?.elementAt : undefined;
    if (elementAt !== undefined) return (request) => elementAt(request, key, index);
    const values = this.#entry(target.target, key);
    return (request, element) => (values(request, element) as ValueArray | undefined)?.[index];
  }

  #entry(target: OperandNode, key: string): Closure {
    const at = target.kind === "field" ? FIELDS.get(target.name)?.at : undefined;
    if (at !== undefined) return (request) => at(request, key);
    const map = this.value(target);
    return (request, element) => (map(request, element) as ValueMap | undefined)?.get(key);
  }

  #call(node: CallNode): Closure {
    const [first] = node.arguments;
    const { type, perElement } = this.#types.get(node) as Inferred;
    const each = first === undefined ? undefined : unpackedIn(first);
    if (first === undefined || each === undefined) return this.#bind(node, type);
    const array = this.value(each) as (request: EvaluationContext) => ValueArray | undefined;
    if (node.name === "any" || node.name === "all") {
      return this.#quantifier(node.name, array, this.condition(first));
    }
    if (perElement) {
      const apply = this.#bind(node, elementOf(type) as Type);
      return (request) => array(request)?.map((item) => apply(request, item));
    }
    const element = this.value(first);
    return this.#bind(node, type, (request) => array(request)?.map((item) => element(request, item)));
  }

  /** The closure of a call; `packed` stands in for a first argument that unpacks an array taken as a whole. */
  #bind(node: CallNode, returns: Type, packed?: Closure): Closure {
    const args = node.arguments.map((argument, index): Argument => {
      if (index === 0 && packed !== undefined) return { evaluate: packed, literal: undefined };
      return {
        evaluate: this.value(argument),
        literal: isLiteral(argument) ? literalValue(argument) : undefined,
      };
    });
    return (binders[node.name] as Binder)(args, this.#choices, returns);
  }

  #quantifier(
    name: "any" | "all",
    array: (request: EvaluationContext) => ValueArray | undefined,
    test: BoolClosure,
  ): Closure {
    if (name === "any") {
      return (request) => {
        const values = array(request);
        if (values === undefined) return undefined;
        for (let index = 0; index < values.length; index++) if (test(request, values[index])) return true;
        return false;
      };
    }
    const ofEmpty = this.#choices.allOfEmpty;
    return (request) => {
      const values = array(request);
      if (values === undefined) return undefined;
      for (let index = 0; index < values.length; index++) if (!test(request, values[index])) return false;
      return values.length > 0 || ofEmpty;
    };
  }
}

function inferred(expression: Expression): Inference {
  const inference = infer(expression);
  if (inference.problems.length > 0) throw new ExpressionError(expression.source, inference.problems);
  return inference;
}

/**
 * Compiles an expression to a function of a request. Throws `ExpressionError` when names or types are wrong;
 * what the result answers for a request it answers without ever throwing.
 */
export function compile(expression: Expression, options: CompileOptions = {}): Evaluator {
  const { types } = inferred(expression);
  return new Compiler(types, chosen(options.choices)).value(expression.body);
}

/** Compiles a filter: whether the expression holds, a missing value counting as not. Throws as `compile` does. */
export function compileFilter(
  expression: Expression,
  options: CompileOptions = {},
): (request: EvaluationContext) => boolean {
  const { types } = inferred(expression);
  const { body, source } = expression;
  const type = types.get(body)?.type;
  if (type !== "Bool") {
    const detail = { expected: "Bool" };
    const problem = problemAt(
      source,
      "RESULT_TYPE",
      body.start,
      body.end,
      `the expression yields ${type}`,
      detail,
    );
    throw new ExpressionError(source, [problem]);
  }
  return new Compiler(types, chosen(options.choices)).condition(body);
}
