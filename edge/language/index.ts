export type { Expression, Node } from "./ast.ts";
export { fromBytes, toBytes } from "./bytes.ts";
export { type CheckContext, check, typeOf } from "./check.ts";
export { CHOICES, type ChoiceName, type Choices, chosen } from "./choices.ts";
export { claimsOf } from "./claims.ts";
export { OPERATORS, type OperatorRow } from "./comparisons.ts";
export { type CompileOptions, compile, compileFilter, type Evaluator } from "./compile.ts";
export { FIELDS, type FieldRow } from "./fields.ts";
export { timedHmac } from "./functions/hmac.ts";
export { FUNCTIONS, type FunctionRow } from "./functions.ts";
export { type IpAddress, ipText, parseIp } from "./ip.ts";
export { LIMITS } from "./limits.ts";
export { type ParseOptions, parse, parseValue } from "./parser.ts";
export { PHASES, type PhaseName, TOKEN_RULES_PHASE } from "./phases.ts";
export { print } from "./print.ts";
export {
  ExpressionError,
  type ExpressionProblem,
  formatProblems,
  maskSecrets,
  PROBLEMS,
  type ProblemCode,
} from "./problems.ts";
export {
  type EvaluationContext,
  type HeaderPairs,
  type JwtClaims,
  type ListValues,
  RequestFields,
  type RequestInput,
} from "./request.ts";
export type { Integer, Type, Value } from "./values.ts";
