import { describe, expect, test } from "vitest";
import { assumedRingStates, compile } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { holds, NOW } from "../compile/testing/verdict.ts";
import { loadDefinitions } from "../definition/load.ts";
import { RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { evaluate } from "./evaluate.ts";
import { limitsCounting, refusedByLimits } from "./limits.ts";
import { policiesOf } from "./policy.ts";

const HOST = "api.example.com";
const FILE = `keys:
  shop: { algorithm: ES256, tokens: { issuer: shop, audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: ${HOST}
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: by-name, match: { path: /name }, rateLimit: { per: token sub, requests: 2, every: 1m } }
  - { id: by-inner, match: { path: /inner }, rateLimit: { per: token user.0, requests: 2, every: 1m, mode: challenge } }
  - { id: watched, match: { path: /watched }, rateLimit: { per: ip, requests: 2, every: 1m, mode: log } }
  - { id: quiet, match: { path: /quiet }, answers: { limit: { status: 404 } }, rateLimit: { per: ip, requests: 2, every: 1m } }
`;
const { definitions, problems } = loadDefinitions([{ path: "api.yaml", text: FILE }], enterprise);
expect(problems).toEqual([]);
const states = assumedRingStates(definitions);
const [policy] = policiesOf(definitions, enterprise, states, NOW);
const desired = compile(definitions, enterprise, states);

function asked(path: string, claims?: Record<string, unknown>) {
  if (policy === undefined) throw new Error("no policy");
  const tokens = claims === undefined ? {} : { shop: claims };
  const request = { host: HOST, method: "GET", path, tokens };
  return { request, verdict: evaluate(policy, request) };
}

/** The limits that count, as the compiled rules have it. */
function compiled(path: string, claims: Record<string, unknown> = {}): readonly string[] {
  const document = { iss: "shop", aud: "api", exp: NOW + 60, ...claims };
  return desired.zones
    .flatMap((zone) => zone.rules[RATE_LIMIT_PHASE])
    .filter(({ expression }) => holds(expression, { path, claims: { shop: document } }))
    .flatMap(({ branches }) => branches.map(({ ruleId }) => ruleId));
}

describe("a limit by a claim counts a request whose token has it as a text", () => {
  test.each<[string, string, Record<string, unknown>, readonly string[]]>([
    ["a text", "/name", { sub: "alice" }, ["by-name"]],
    ["an empty text", "/name", { sub: "" }, []],
    ["a number", "/name", { sub: 5 }, []],
    ["an array", "/name", { sub: ["alice"] }, []],
    ["none", "/name", {}, []],
    ["inside another", "/inner", { user: { 0: "alice" } }, ["by-inner"]],
    ["a place in an array, which is no name", "/inner", { user: ["alice"] }, []],
    ["inside a text", "/inner", { user: "alice" }, []],
  ])("%s", (_name, path, claims, expected) => {
    const { request, verdict } = asked(path, claims);
    expect(limitsCounting(verdict, request).map(({ rule }) => rule.id)).toEqual(expected);
    expect(compiled(path, claims)).toEqual(expected);
  });

  test("without a token none counts", () => {
    const { request, verdict } = asked("/name");
    expect(limitsCounting(verdict, request)).toEqual([]);
  });
});

test("a limit acts on what is more than it allows, as hard as its mode", () => {
  const refused = (path: string, times: number) => {
    const { request, verdict } = asked(path, { sub: "alice", user: { 0: "alice" } });
    return policy && refusedByLimits(policy.host, verdict, request, times);
  };
  expect(refused("/name", 2)).toEqual([]);
  expect(refused("/name", 3)).toEqual([{ status: 429, by: "by-name" }]);
  expect(refused("/inner", 3)).toEqual([{ status: 403, by: "by-inner" }]);
  expect(refused("/watched", 3)).toEqual([]);
  expect(refused("/quiet", 3)).toEqual([{ status: 404, by: "quiet" }]);
});
