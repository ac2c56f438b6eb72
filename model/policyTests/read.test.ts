import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { METHODS } from "../facts/methods.ts";
import { formatProblems } from "../problem/problem.ts";
import { readPolicyTests } from "./read.ts";

const { definitions } = loadDefinitions(
  [
    {
      path: "api.yaml",
      text: `keys:
  main:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
  links:
    hmac: { parameter: verify, lifetime: 3h, bind: [path] }
    rotation: { every: 30d }
host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
  - { id: orders, match: { path: /orders/* }, require: { scope: read } }
  - { id: files, match: { path: /files/* }, require: { link: links } }
`,
    },
  ],
  {
    stack: "dev",
    zones: [
      {
        id: "023e105f4ecef8ad9ca31a8372d0c353",
        name: "example.com",
        plan: "enterprise",
        addOns: ["api_shield"],
      },
    ],
  },
);

const read = (text: string) => readPolicyTests([{ path: "api.test.yaml", text }], definitions);

test("names that every object has are names like others, and the one that is none is told of", () => {
  const { tests, problems } = read(`host: api.example.com
tests:
  - { path: /orders/1, token: { ring: main, claims: { __proto__: x, constructor: y } }, expect: 401 }
  - { path: /orders/1, headers: { __proto__: x, constructor: y }, expect: 401 }
  - { path: /orders/1, host: constructor, expect: 401 }
  - { path: /orders/1, host: __proto__, expect: 401 }
  - { path: /orders/1, token: { ring: toString }, by: valueOf, expect: 401 }
`);
  expect(tests.map(({ headers, token }) => [headers, token])).toEqual([
    [{}, { ring: "main", claims: { constructor: "y" } }],
    [{ constructor: "y" }, undefined],
  ]);
  expect(formatProblems(problems)).toBe(`api.test.yaml:3:55 MEMBER_UNKNOWN: nothing can be called __proto__
    give it another name: objects in JavaScript have a meaning of their own for this one
api.test.yaml:4:35 MEMBER_UNKNOWN: nothing can be called __proto__
    give it another name: objects in JavaScript have a meaning of their own for this one
api.test.yaml:5:30 TEST_INVALID: no rule is about constructor
    hosts are api.example.com
api.test.yaml:6:30 TEST_INVALID: no rule is about __proto__
    hosts are api.example.com
api.test.yaml:7:31 TEST_INVALID: no ring toString signs tokens
    those that do are main
api.test.yaml:7:55 TEST_INVALID: api.example.com has no rule valueOf
    name a rule by its id`);
});

test("rows are tests that share what their table says, and say otherwise where they differ", () => {
  const { tests, problems } = read(`host: api.example.com
tests:
  - name: orders
    path: /orders/1
    token: { ring: main, claims: { scope: read } }
    rows:
      - { expect: passes }
      - { name: late, after: 1h, expect: 401, by: orders }
      - { name: nobody, token: none, expect: 401 }
  - { path: /files/a, link: links, method: HEAD, expect: passes }
  - path: /orders/2
    at: 2027-01-01T00:00:00Z
    times: 9
    expect: 403
    reply: { type: Application/JSON, json: { error: no }, body: "" }
`);
  expect(problems).toEqual([]);
  const base = { host: "api.example.com", method: "GET", path: "/orders/1", headers: {}, after: 0, times: 1 };
  const token = { ring: "main", claims: { scope: "read" } };
  const at = (line: number, column: number) => ({ file: "api.test.yaml", line, column });
  expect(tests).toEqual([
    { ...base, name: "orders", token, expected: { status: "passes" }, at: at(7, 9) },
    {
      ...base,
      name: "orders: late",
      token,
      after: 3600,
      expected: { status: 401, by: "orders" },
      at: at(8, 9),
    },
    { ...base, name: "orders: nobody", expected: { status: 401 }, at: at(9, 9) },
    {
      ...base,
      name: "HEAD /files/a",
      method: "HEAD",
      path: "/files/a",
      link: "links",
      expected: { status: "passes" },
      at: at(10, 5),
    },
    {
      ...base,
      name: "GET /orders/2",
      path: "/orders/2",
      instant: 1_798_761_600,
      times: 9,
      expected: { status: 403, reply: { type: "application/json", json: { error: "no" }, body: "" } },
      at: at(11, 5),
    },
  ]);
});

test("whatever the definitions do not have is told, all at once and with its place", () => {
  const { tests, problems } = read(`tests:
  - name: orders
    host: api.example.com
    token: { ring: mian }
    rows:
      - { path: orders, expect: passes, by: orders }
      - { path: /orders, expect: 401, by: order, after: 3x, method: get, link: main }
  - { path: /a, host: www.example.com }
  - { path: /a, expect: passes }
  - { path: /a, host: api.example.com, at: 2027-02-30, expect: passes, reply: { body: a } }
`);
  expect(tests).toEqual([]);
  expect(formatProblems(problems)).toBe(`api.test.yaml:4:12 TEST_INVALID: no ring mian signs tokens
    those that do are main
api.test.yaml:6:17 TEST_INVALID: a path begins with /
    write /orders/1
api.test.yaml:6:45 TEST_INVALID: a request that passes is refused by no rule
    leave by out
api.test.yaml:7:43 TEST_INVALID: api.example.com has no rule order
    did you mean orders?
api.test.yaml:7:57 TEST_INVALID: 3x is not a duration
    write whole numbers and s, m, h or d, such as 30s, 15m, 24h, 90d or 1h 30m
api.test.yaml:7:69 TEST_INVALID: get is not a method
    use one of ${METHODS.join(", ")}
api.test.yaml:7:80 TEST_INVALID: no ring main signs links
    those that do are links
api.test.yaml:8:5 TEST_INVALID: the test expects nothing
    add expect: passes, or a status
api.test.yaml:8:23 TEST_INVALID: no rule is about www.example.com
    hosts are api.example.com
api.test.yaml:9:5 TEST_INVALID: the test has no host
    hosts are api.example.com
api.test.yaml:10:44 TEST_INVALID: 2027-02-30 is not an instant
    write it in UTC, such as 2027-01-01T00:00:00Z
api.test.yaml:10:79 TEST_INVALID: a request that passes is answered by the origin
    leave reply out`);
});

test("a token is described, never pasted, and what does not fit is told", () => {
  const pasted = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoaXM";
  const { problems } = read(`host: api.example.com
tests:
  - { path: /a, token: ${pasted}, expect: 200 }
  - { path: /a, expects: passes }
  - { path: /a, headers: { authorization: Bearer ${pasted} }, expect: passes }
  - { path: /a, expect: 401, reply: {} }
  - { path: /a, expect: 401, times: 10001 }
`);
  const text = formatProblems(problems);
  expect(text).not.toContain(pasted);
  expect(problems.map(({ code, line, message, hint }) => `${line} ${code} ${message} / ${hint}`)).toEqual([
    expect.stringMatching(/^3 SECRET_IN_DEFINITION this looks like a token /),
    "3 TEST_INVALID tests.0.expect does not fit / expected passes or a status from 400 to 499",
    "4 TEST_INVALID expects is not a member of a test / did you mean expect?",
    expect.stringMatching(/^5 SECRET_IN_DEFINITION this looks like a token /),
    "6 TEST_INVALID tests.3.reply does not fit / expected type, json or body",
    "7 TEST_INVALID tests.4.times does not fit / expected a whole number up to 10000",
  ]);
});
