import {
  type CallNode,
  type Expression,
  isLiteral,
  type LiteralNode,
  type Node,
  type OperandNode,
} from "./ast.ts";
import { toBytes } from "./bytes.ts";
import { type Choices, chosen } from "./choices.ts";
import { compileComparison } from "./compare.ts";
import type { Argument, Binder, BoolClosure, Closure } from "./evaluator.ts";
import { FIELDS, type FieldRow } from "./fields.ts";
import { binders } from "./functions/binders.ts";
import { type Inferred, infer } from "./infer.ts";
import { ExpressionError } from "./problems.ts";
import type { EvaluationContext } from "./request.ts";
import type { Value, ValueArray, ValueMap } from "./values.ts";

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

  #index(node: Extract<Node, { kind: "index" }>): Closure {
    const { target, index } = node;
    if (typeof index === "number" && target.kind === "index" && typeof target.index === "string") {
      const map = this.value(target.target);
      const key = toBytes(target.index);
      return (request, element) => {
        const values = (map(request, element) as ValueMap | undefined)?.get(key) as ValueArray | undefined;
        return values === undefined ? undefined : values[index];
      };
    }
    const value = this.value(target);
    if (typeof index === "number") {
      return (request, element) => (value(request, element) as ValueArray | undefined)?.[index];
    }
    const key = toBytes(index);
    return (request, element) => (value(request, element) as ValueMap | undefined)?.get(key);
  }

  #argument(node: Node): Argument {
    return { evaluate: this.value(node), literal: isLiteral(node) ? literalValue(node) : undefined };
  }

  #call(node: CallNode): Closure {
    const binder = binders[node.name] as Binder;
    const [first] = node.arguments;
    const each = first === undefined ? undefined : unpackedIn(first);
    if (first === undefined || each === undefined) return this.#bind(binder, node);
    const array = this.value(each) as (request: EvaluationContext) => ValueArray | undefined;
    if (node.name === "any" || node.name === "all")
      return this.#quantifier(node.name, array, this.condition(first));
    if (this.#types.get(node)?.perElement === undefined) {
      const element = this.value(first);
      const packed: Argument = {
        evaluate: (request) => array(request)?.map((item) => element(request, item)),
        literal: undefined,
      };
      return binder(
        [packed, ...node.arguments.slice(1).map((argument) => this.#argument(argument))],
        this.#choices,
      );
    }
    const apply = this.#bind(binder, node);
    return (request) => array(request)?.map((item) => apply(request, item));
  }

  #bind(binder: Binder, node: CallNode): Closure {
    return binder(
      node.arguments.map((argument) => this.#argument(argument)),
      this.#choices,
    );
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

function prepare(expression: Expression, options: CompileOptions): Compiler {
  const { types, problems } = infer(expression);
  if (problems.length > 0) throw new ExpressionError(expression.source, problems);
  return new Compiler(types, chosen(options.choices));
}

/**
 * Compiles an expression to a function of a request. Throws `ExpressionError` when names or types are wrong;
 * what the result answers for a request it answers without ever throwing.
 */
export function compile(expression: Expression, options: CompileOptions = {}): Evaluator {
  return prepare(expression, options).value(expression.body);
}

/** Compiles a filter: whether the expression holds, a missing value counting as not. Throws as `compile` does. */
export function compileFilter(
  expression: Expression,
  options: CompileOptions = {},
): (request: EvaluationContext) => boolean {
  return prepare(expression, options).condition(expression.body);
}
