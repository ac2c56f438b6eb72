import type { CallNode, ComparisonNode, Node, OperandNode } from "./ast.ts";
import type { FieldRow } from "./fieldRow.ts";
import type { FunctionRow } from "./functionRow.ts";
import type { ExpressionProblem, ProblemCode, ProblemDetail } from "./problems.ts";
import type { Type } from "./values.ts";

/** What a node yields. `each`: it has a `[*]` and yields many values of this type, one after the other. */
export interface Inferred {
  readonly type: Type;
  readonly each?: true;
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

/** Told of every known field, function and comparison, so that availability can be checked in the same walk. */
export interface Visitor {
  field?(row: FieldRow, node: OperandNode): void;
  call?(row: FunctionRow, node: CallNode): void;
  comparison?(node: ComparisonNode): void;
}
