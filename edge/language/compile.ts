import {
  type CallNode,
  type Expression,
  type IndexNode,
  isLiteral,
  type LiteralNode,
  type Node,
  type OperandNode,
} from "./ast.ts";
import { interned } from "./bytes.ts";
import { type Choices, chosen } from "./choices.ts";
import { compileComparison } from "./compare.ts";
import type { Argument, Binder, BoolClosure, Closure } from "./evaluator.ts";
import type { FieldRow } from "./fieldRow.ts";
import { FIELDS } from "./fields.ts";
import { binders } from "./functions/binders.ts";
import { infer } from "./infer.ts";
import type { Inference, Inferred } from "./inference.ts";
import { ExpressionError, problemsIn } from "./problems.ts";
import type { EvaluationContext } from "./request.ts";
import { elementOf, type Type, type Value, type ValueArray, type ValueMap } from "./values.ts";

export interface CompileOptions {
  /** Rows of `CHOICES` to decide otherwise. */
  readonly choices?: Partial<Choices>;
}

/** A compiled expression; `undefined` is a missing value. */
type Evaluator = (request: EvaluationContext) => Value | undefined;

function literalValue(node: LiteralNode): Value {
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

/** The elements that `[*]` stands for, in order; `undefined` where what it unpacks is missing. */
type Elements = (request: EvaluationContext) => ValueArray | undefined;
/** An array of Bool; a missing one is empty. */
type Truths = (request: EvaluationContext) => readonly boolean[];

const combine = {
  and: (a: boolean, b: boolean) => a && b,
  or: (a: boolean, b: boolean) => a || b,
  xor: (a: boolean, b: boolean) => a !== b,
};

/** An array's elements, or a map's values in the order of its keys, as the public engine keeps them. */
function elementsOf(value: Value | undefined): ValueArray | undefined {
  if (!(value instanceof Map)) return value as ValueArray | undefined;
  const map: ValueMap = value;
  return [...map.keys()].sort().map((key) => map.get(key));
}

function isOperand(node: Node): node is OperandNode {
  return node.kind !== "logical" && node.kind !== "not" && node.kind !== "comparison";
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
    if (node.kind === "comparison") return compileComparison(node, this.value(node.left));
    if (node.kind === "boolean") return node.value ? () => true : () => false;
    const value = this.value(node);
    return (request, element) => value(request, element) === true;
  }

  value(node: Node): Closure {
    switch (node.kind) {
      case "logical":
      case "not":
      case "comparison":
        return this.#types.get(node)?.type === "Bool" ? this.condition(node) : this.#truths(node);
      case "field":
        return (FIELDS.get(node.name) as FieldRow).read;
      case "call":
        return this.#call(node);
      case "index":
        return this.#index(node);
      case "each":
        return this.#elements(node);
      default: {
        const value = literalValue(node);
        return () => value;
      }
    }
  }

  #index(node: IndexNode): Closure {
    const { target, index } = node;
    if (typeof index === "string") return this.#entry(target, interned(index));
    if (target.kind !== "index" || typeof target.index !== "string") {
      const value = this.value(target);
      return (request, element) => (value(request, element) as ValueArray | undefined)?.[index];
    }
    const key = interned(target.index);
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

  /** The elements of an operand with a `[*]`; what an index does not find in one of them is left out. */
  #elements(node: OperandNode): Elements {
    if (node.kind !== "each" && node.kind !== "index") return () => undefined;
    if (!this.#types.get(node.target)?.each) {
      const target = this.value(node.target);
      return (request) => elementsOf(target(request));
    }
    const outer = this.#elements(node.target);
    if (node.kind === "each") return (request) => outer(request)?.flatMap((item) => elementsOf(item) ?? []);
    const { index } = node;
    const pick = (item: Value | undefined) =>
      typeof index === "string" ? (item as ValueMap).get(index) : (item as ValueArray)[index];
    return (request) =>
      outer(request)
        ?.map(pick)
        .filter((found) => found !== undefined);
  }

  /** A comparison with a `[*]`, or a Bool with one: the elements and what is asked of each. */
  #asked(node: Node): { elements: Elements; test: BoolClosure } | undefined {
    if (node.kind === "comparison" && this.#types.get(node.left)?.each) {
      const test = compileComparison(node, (_, element) => element);
      return { elements: this.#elements(node.left), test };
    }
    if (!isOperand(node) || !this.#types.get(node)?.each) return undefined;
    return { elements: this.#elements(node), test: (_, element) => element === true };
  }

  /** A node that yields an array of Bool; operators work element by element, up to the end of the shortest array. */
  #truths(node: Node): Truths {
    if (node.kind === "logical") {
      const [first, ...rest] = node.terms.map((term) => this.#truths(term)) as [Truths, ...Truths[]];
      const apply = combine[node.operator];
      return (request) =>
        rest.reduce((sum, term) => {
          const values = term(request);
          const length = Math.min(sum.length, values.length);
          return sum.slice(0, length).map((value, index) => apply(value, values[index] as boolean));
        }, first(request));
    }
    if (node.kind === "not") {
      const operand = this.#truths(node.operand);
      return (request) => operand(request).map((value) => !value);
    }
    const asked = this.#asked(node);
    if (asked !== undefined) {
      const { elements, test } = asked;
      return (request) => (elements(request) ?? []).map((item) => test(request, item));
    }
    const value = this.value(node);
    return (request) => ((value(request) as ValueArray | undefined) ?? []).map((item) => item === true);
  }

  #call(node: CallNode): Closure {
    const [first] = node.arguments as [Node];
    const { type } = this.#types.get(node) as Inferred;
    if ((node.name === "any" || node.name === "all") && !isOperand(first))
      return this.#quantifier(node.name === "any", first);
    if (!isOperand(first) || !this.#types.get(first)?.each) return this.#bind(node, type);
    const elements = this.#elements(first);
    const apply = this.#bind(node, elementOf(type) as Type);
    return (request) =>
      elements(request)
        ?.map((item) => apply(request, item))
        .filter((found) => found !== undefined);
  }

  #bind(node: CallNode, returns: Type): Closure {
    const args = node.arguments.map((argument): Argument => {
      const isEach = isOperand(argument) && this.#types.get(argument)?.each;
      return {
        evaluate: isEach ? (_, element) => element : this.value(argument),
        literal: isLiteral(argument) ? literalValue(argument) : undefined,
      };
    });
    return (binders[node.name] as Binder)(args, this.#choices, returns);
  }

  /** `any` or `all` of a condition with `[*]`: of a missing array false and true, as of an empty one. */
  #quantifier(isAny: boolean, node: Node): BoolClosure {
    const asked = this.#asked(node);
    if (asked === undefined) {
      const truths = this.#truths(node);
      return (request) => truths(request).includes(isAny) === isAny;
    }
    const { elements, test } = asked;
    return (request) => {
      const values = elements(request) ?? [];
      for (let index = 0; index < values.length; index++) {
        if (test(request, values[index]) === isAny) return isAny;
      }
      return !isAny;
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
    const problem = problemsIn(source)(
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
