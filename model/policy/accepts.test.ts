import { expect, test } from "vitest";
import { assumedRingStates, compile } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { NOW, storefront, type TestRequest, verdict } from "../compile/testing/verdict.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { formatInstant } from "../facts/instants.ts";
import { evaluate } from "./evaluate.ts";
import { policiesOf } from "./policy.ts";

const HEAD = `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
host: api.example.com
tokens: { ring: shop, in: [header authorization, cookie session] }
rules:
  - { id: all, match: { path: /* }, require: { scope: all } }
`;

function read(rules: string, environment: Environment = enterprise, head = HEAD) {
  const { definitions } = loadDefinitions([{ path: "a.yaml", text: head + rules }], environment);
  const states = assumedRingStates(definitions);
  const desired = compile(definitions, environment, states);
  return (request: TestRequest) => {
    const { method = "GET", path, headers = [], claims = {}, at = NOW } = request;
    const [policy] = policiesOf(definitions, environment, states, at);
    if (policy === undefined) throw new Error("no policy");
    const { refusals } = evaluate(policy, {
      host: "api.example.com",
      method,
      path,
      headers,
      tokens: claims as Readonly<Record<string, Record<string, unknown>>>,
    });
    const said = verdict(desired, request).split(" ")[0];
    // Both say the same.
    expect(refusals.length === 0 ? "passes" : String(refusals[0]?.status)).toBe(said);
    return said;
  };
}

const files = { shop: storefront({ scope: "files" }) };
const FILES = `  - { id: files, match: { path: /files/* }, require: { scope: files }, accepts: [encoded-slash, double-slash] }
`;

test.each([
  ["/files/a%2fb", "passes"],
  ["/files/a%2F%2fb//c", "passes"],
  ["/files//", "passes"],
  // Another way to write the folder, or a way out of it.
  ["/files%2fa", "400"],
  ["//files/a", "400"],
  ["/FILES/a%2fb", "400"],
  ["/%66iles/a%2fb", "400"],
  ["/other/a%2fb", "400"],
  ["/files/..%2fadmin", "400"],
  ["/files/a%2f..%2f..%2fadmin", "400"],
  ["/files//../admin", "400"],
  ["/files/%2e%2e%2fadmin", "400"],
  ["/files/a%252fb", "400"],
  ["/files/a%5cb", "400"],
  ["/files/a;b%2fc", "400"],
  ["/files/a%2fb%00", "400"],
])("below a folder that accepts slashes %s: %s", (path, expected) => {
  const ask = read(FILES);
  expect(ask({ path, claims: files })).toBe(expected);
  // Without what the rule asks for, nothing passes.
  expect(ask({ path })).toBe(expected === "passes" ? "401" : expected);
  expect(ask({ path, claims: { shop: storefront({ scope: "all" }) } })).toBe(
    expected === "passes" ? "403" : expected,
  );
});

test.each([
  ["a more specific rule", '  - { id: one, match: { path: "/files/{id}" }, require: none }\n'],
  [
    "one that only logs",
    '  - { id: one, match: { path: "/files/{id}" }, require: { scope: a }, mode: log }\n',
  ],
  ["an expression", "  - { id: raw, match: { path: /* }, expression: ssl }\n"],
  [
    "a limit on a part",
    "  - { id: few, match: { path: /files/a }, rateLimit: { per: ip, requests: 9, every: 1m } }\n",
  ],
  ["a rule under always for a part", "always:\n  - { id: some, match: { path: /files/a }, require: {} }\n"],
  ["an exception", "except:\n  - { id: help, match: { path: /files/help } }\n"],
])("beside %s nothing is accepted", (_name, rule) => {
  expect(read(FILES + rule)({ path: "/files/x%2fb", claims: files })).toBe("400");
});

test("a rule that acts less hard than a broader one accepts nothing", () => {
  expect(read(FILES.replace("accepts", "mode: log, accepts"))({ path: "/files/x%2fb", claims: files })).toBe(
    "400",
  );
});

test("what holds besides for all of the requests holds for those that are accepted", () => {
  const ask = read(
    `${FILES}always:\n  - { id: tenant, match: { path: /* }, require: { claims: { tenant: a } } }\n`,
  );
  expect(ask({ path: "/files/x%2fb", claims: files })).toBe("403");
  expect(ask({ path: "/files/x%2fb", claims: { shop: storefront({ scope: "files", tenant: "a" }) } })).toBe(
    "passes",
  );
});

const OVERRIDE: [string, string][] = [["x-http-method-override", "DELETE"]];
const TWO: [string, string][] = [
  ["authorization", "Bearer t"],
  ["cookie", "session=u"],
];
test.each<[string, TestRequest, string]>([
  ["another method", { path: "/form", headers: OVERRIDE }, "401"],
  ["another method with a token", { path: "/form", headers: OVERRIDE, claims: files }, "passes"],
  ["another path", { path: "/form", headers: [["x-original-url", "/admin"]], claims: files }, "400"],
  ["another method elsewhere", { path: "/forms", headers: OVERRIDE, claims: files }, "400"],
  ["another method in another spelling", { path: "/Form", headers: OVERRIDE, claims: files }, "400"],
  ["a second token where none is asked for", { path: "/open/1", headers: TWO }, "passes"],
  ["a second token elsewhere", { path: "/form", headers: TWO, claims: files }, "400"],
  ["a second token below", { path: "/open/1/2", headers: TWO, claims: files }, "400"],
  ["a second token in another spelling", { path: "/OPEN/1", headers: TWO, claims: files }, "400"],
  ["both", { path: "/open/1", headers: [...TWO, ...OVERRIDE] }, "400"],
])("%s", (_name, request, expected) => {
  const ask = read(`  - { id: form, match: { path: /form }, require: {}, accepts: [method-override] }
  - { id: open, match: { path: "/open/{id}" }, require: none, accepts: [second-token] }
`);
  expect(ask(request)).toBe(expected);
});

test("plans without regular expressions accept the same", () => {
  const pro: Environment = {
    ...enterprise,
    zones: enterprise.zones.map((zone) => ({ ...zone, plan: "pro" as const })),
  };
  const ask = read(
    FILES.replace("{ scope: files }", "none"),
    pro,
    "host: api.example.com\notherwise: deny\nrules:\n",
  );
  expect(ask({ path: "/files/a%2fb//c" })).toBe("passes");
  expect(ask({ path: "/files/a%2f..%2fb" })).toBe("400");
  expect(ask({ path: "/other/a%2fb" })).toBe("400");
});

test("a rule that begins on a date accepts from then on", () => {
  const ask = read(
    FILES.replace("accepts:", `mode: { first: "off", block: ${formatInstant(NOW)} }, accepts:`),
  );
  const request = { path: "/files/a%2fb", claims: files };
  expect(ask({ ...request, at: NOW - 1 })).toBe("400");
  expect(ask({ ...request, at: NOW })).toBe("passes");
});
