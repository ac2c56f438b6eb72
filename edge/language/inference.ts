import type { Node } from "./ast.ts";
import type { ExpressionProblem, ProblemCode, ProblemDetail } from "./problems.ts";
import type { Type } from "./values.ts";

/** What a node yields. `each`: it yields one such value for every element of this array (its printed text). */
export interface Inferred {
  readonly type: Type;
  readonly each?: string;
  /** A call that is applied to every element of its unpacked first argument. */
  readonly perElement?: true;
}

/** Types of all nodes of an expression, with what was wrong on the way. */
export interface Inference {
  readonly types: ReadonlyMap<Node, Inferred>;
  readonly problems: readonly ExpressionProblem[];
}

/** Notes a problem at a node. */
export type Report = (
  code: ProblemCode,
  node: { start: number; end: number },
  message: string,
  detail?: ProblemDetail,
) => void;
