/**
 * Cloudflare's Rules language: parse a rule's expression, check it against phase, plan and add-ons, print it in
 * one canonical form, and compile it to a function of a request.
 *
 *     const rule = parse('http.host eq "api.example.com" and not ssl');
 *     const problems = check(rule, { phase: "http_request_firewall_custom", plan: "pro", addOns: [] });
 *     const matches = compileFilter(rule);
 *     matches(new RequestFields({ method: "GET", scheme: "http", host: "api.example.com", … }));
 *
 * Nothing here reads a clock, the network or a random source. `FIELDS`, `FUNCTIONS`, `OPERATORS`, `LIMITS` and
 * `CHOICES` are the tables behind it.
 */
export type { Expression, Node } from "./ast.ts";
export { fromBytes, toBytes } from "./bytes.ts";
export { type CheckContext, check, typeOf } from "./check.ts";
export { CHOICES, type ChoiceName, type Choices, chosen } from "./choices.ts";
export { claimsOf } from "./claims.ts";
export { OPERATORS, type OperatorRow } from "./comparisons.ts";
export { type CompileOptions, compile, compileFilter, type Evaluator } from "./compile.ts";
export type { FieldRow } from "./fieldRow.ts";
export { FIELDS } from "./fields.ts";
export type { FunctionRow } from "./functionRow.ts";
export { timedHmac } from "./functions/hmac.ts";
export { FUNCTIONS } from "./functions.ts";
export { type IpAddress, ipText, parseIp } from "./ip.ts";
export { LIMITS } from "./limits.ts";
export { type Names, namesIn } from "./names.ts";
export { parse, parseValue } from "./parser.ts";
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
