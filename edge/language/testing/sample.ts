import type { Expression } from "../ast.ts";
import { type CheckContext, check } from "../check.ts";
import type { Choices } from "../choices.ts";
import { claimsOf } from "../claims.ts";
import { compile, compileFilter } from "../compile.ts";
import { infer } from "../infer.ts";
import { parse, parseValue } from "../parser.ts";
import { formatProblems } from "../problems.ts";
import { RequestFields, type RequestInput } from "../request.ts";
import type { Type, Value } from "../values.ts";

export const configurationA = "51231d16-01f1-48e3-93f8-91c99e81288e";
export const configurationB = "f9c5615e-fe15-48ce-bec6-cfc1946f1bec";

const claims = {
  iss: "https://auth.example.com/",
  sub: "user-1",
  aud: ["api", "web"],
  scope: "orders:read profile",
  tenant: { name: "blue", ids: [7, 8] },
  iat: 1_790_000_000,
  exp: 1_790_000_900,
};

/** A GET of `https://api.example.com/Orders/7.JSON` with a verified token of configuration A; members replaceable. */
export function sampleRequest(changes: Partial<RequestInput> = {}): RequestFields {
  return new RequestFields({
    method: "GET",
    scheme: "https",
    host: "api.example.com",
    path: "/Orders/7.JSON",
    query: "page=2&tag=a&tag=b&flag&q=a%20b",
    rawPath: "/Orders//7.JSON",
    headers: [
      ["Host", "api.example.com"],
      ["X-Tag", "one"],
      ["x-tag", "two"],
      ["Cookie", "session=abc; th%65me=dark; theme=light"],
    ],
    version: "HTTP/2",
    timestampMs: 1_790_000_100_250,
    ip: "192.0.2.7",
    asn: 64_496,
    country: "NL",
    continent: "EU",
    body: '{"action":"pay","amount":42}',
    claims: new Map([[configurationA, claimsOf(JSON.stringify(claims))]]),
    jwtValid: (id) => id === configurationA,
    jwtPresent: (id) => id === configurationA || id === configurationB,
    others: { "cf.waf.score": 35, "cf.ray_id": "8f1d2c3b4a5e6f70" },
    ...changes,
  });
}

/** Decides a filter for the sample request or another one. */
export function decide(text: string, request = sampleRequest(), choices: Partial<Choices> = {}): boolean {
  return compileFilter(parse(text), { choices })(request);
}

/** Evaluates a value expression for the sample request or another one. */
export function evaluate(
  text: string,
  request = sampleRequest(),
  choices: Partial<Choices> = {},
): Value | undefined {
  return compile(parseValue(text), { choices })(request);
}

/** An Enterprise zone with everything bought, in the phase of custom rules. */
export const everything: CheckContext = {
  phase: "http_request_firewall_custom",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting", "bot_management", "content_scanning"],
};

/** The problems of an expression as `code: message` lines, with what was expected and suggested. */
export function problemsOf(text: string, context: CheckContext = everything): string[] {
  return check(parse(text), context).map((problem) => {
    const [head] = formatProblems(text, [problem]).split("\n");
    return head ?? "";
  });
}

/** The type that an expression yields; `undefined` when it has a type problem. */
export function typeOf(expression: Expression): Type | undefined {
  const { types, problems } = infer(expression);
  return problems.length > 0 ? undefined : types.get(expression.body)?.type;
}
