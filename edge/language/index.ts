/**
 * Cloudflare's Rules language: parse a rule's expression, check it against phase, plan and add-ons, print it in
 * one canonical form, and compile it to a function of a request.
 *
 *     const rule = parse('http.host eq "api.example.com" and not ssl');
 *     const problems = check(rule, { phase: "http_request_firewall_custom", plan: "pro", addOns: [] });
 *     const matches = compileFilter(rule);
 *     matches(new RequestFields({ method: "GET", scheme: "http", host: "api.example.com", … }));
 *
 * Nothing here reads a clock, the network or a random source.
 */
export { type Expression, namesIn } from "./ast.ts";
export { toBytes } from "./bytes.ts";
export { type CheckContext, check } from "./check.ts";
export { CHOICES, type Choices } from "./choices.ts";
export { claimsOf } from "./claims.ts";
export { compileFilter } from "./compile.ts";
export { type IpAddress, parseIp } from "./ip.ts";
export { parse, parseValue } from "./parser.ts";
export { print } from "./print.ts";
export { ExpressionError, type ExpressionProblem } from "./problems.ts";
export { RequestFields, type RequestInput } from "./request.ts";
