import { describe, expect, test } from "vitest";
import { assumedRingStates } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { coverageOf } from "./coverage.ts";
import { policiesOf } from "./policy.ts";

const KEYS = `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
  links:
    hmac: { parameter: verify, lifetime: 3h, bind: [path] }
    rotation: { every: 30d }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
`;

function covered(text: string, environment: Environment = enterprise) {
  const { definitions, problems } = loadDefinitions([{ path: "api.yaml", text: KEYS + text }], environment);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const [policy] = policiesOf(definitions, environment, assumedRingStates(definitions), 0);
  if (policy === undefined) throw new Error("no policy");
  return coverageOf(policy);
}

const opened = (text: string, environment?: Environment) =>
  covered(text, environment).open.map(({ id, methods, path, because }) =>
    [id, methods?.join(",") ?? "any", path, because].join(" "),
  );

test("every endpoint in the order of specificity, with what it asks for and all that holds besides", () => {
  const { endpoints, ...rest } = covered(`rules:
  - { id: all, match: { path: /orders/* }, require: { scope: [orders, read] } }
  - { id: one, match: { method: [GET, PUT], path: "/orders/{id}" }, require: { claims: { role: [a, b] } }, mode: log }
  - { id: file, match: { path: /files/* }, require: { link: links }, mode: challenge }
  - { id: limit, match: { path: /orders/1/* }, rateLimit: { per: ip, requests: 9, every: 1m } }
  - { id: each, match: { path: /orders/* }, rateLimit: { per: token sub, requests: 5, every: 10s, mode: log } }
  - { id: raw, match: { method: GET, path: /orders/* }, expression: ip.src.country eq "XX" }
  - { id: gone, match: { path: /gone/* }, require: { scope: gone }, mode: "off" }
always:
  - { id: tenant, match: { path: /orders/* }, require: { claims: { tenant: acme } } }
except:
  - { id: health, match: { method: GET, path: /health } }
otherwise: deny
`);
  const at = (line: number) => ({ file: "api.yaml", line, column: 11 });
  expect(endpoints).toEqual([
    {
      id: "one",
      methods: ["GET", "HEAD", "PUT"],
      path: "/orders/{id}",
      at: at(13),
      asks: ["a token of shop", "claim role with a or b"],
      mode: "log",
      stages: null,
      besides: [
        { rule: "all", mode: "block", inPart: false },
        { rule: "tenant", mode: "block", inPart: false },
        { rule: "raw", mode: "block", inPart: true },
      ],
      limits: [
        { rule: "each", mode: "log", inPart: false, counts: "5 in 10s per claim sub of shop" },
        { rule: "limit", mode: "block", inPart: true, counts: "9 in 1m per address" },
      ],
    },
    {
      id: "all",
      methods: null,
      path: "/orders/*",
      at: at(12),
      asks: ["a token of shop", "scope orders", "scope read"],
      mode: "block",
      stages: null,
      besides: [
        { rule: "tenant", mode: "block", inPart: false },
        { rule: "raw", mode: "block", inPart: true },
      ],
      limits: [
        { rule: "each", mode: "log", inPart: false, counts: "5 in 10s per claim sub of shop" },
        { rule: "limit", mode: "block", inPart: true, counts: "9 in 1m per address" },
      ],
    },
    {
      id: "file",
      methods: null,
      path: "/files/*",
      at: at(14),
      asks: ["a link of links"],
      mode: "challenge",
      stages: null,
      besides: [],
      limits: [],
    },
  ]);
  const health = { id: "health", methods: ["GET", "HEAD"], path: "/health", at: at(22) };
  expect(rest).toEqual({
    host: "api.example.com",
    exceptions: [health],
    otherwise: "block",
    open: [{ ...health, because: "except" }],
  });
});

describe("what is open", () => {
  test("endpoints that ask nothing or only log, exceptions, preflights and whatever nothing matches", () => {
    expect(
      opened(`rules:
  - { id: news, match: { path: /news }, require: none }
  - { id: tried, match: { path: /tried }, require: { scope: a }, mode: log }
  - { id: asked, match: { path: /asked }, require: { scope: a }, mode: challenge }
except:
  - { id: health, match: { path: /health } }
cors: { preflight: allow }
`),
    ).toEqual([
      "tried any /tried mode: log",
      "news any /news require: none",
      "health any /health except",
      "cors OPTIONS /* preflight: allow",
      "otherwise any /* otherwise: allow",
    ]);
  });

  test("nothing that a rule under always closes whole; what it closes in part is open", () => {
    const always = (path: string, mode: string) => `rules:
  - { id: news, match: { path: /news/* }, require: none }
always:
  - { id: all, match: { path: ${path} }, require: {}, mode: ${mode} }
`;
    const both = ["news any /news/* require: none", "otherwise any /* otherwise: allow"];
    expect(opened(always("/*", "block"))).toEqual([]);
    expect(opened(always("/news/*", "block"))).toEqual(["otherwise any /* otherwise: allow"]);
    expect(opened(always("/news/old", "block"))).toEqual(both);
    expect(opened(always("/*", "log"))).toEqual(both);
  });

  test("a rule that only logs is closed by a broader one that refuses, unless one between them opens", () => {
    const logged = (between: string) => `rules:
  - { id: tried, match: { path: /a/b/c }, require: { scope: a }, mode: log }
  - { id: all, match: { path: /a/* }, require: { scope: a } }
${between}otherwise: deny
`;
    const opens = "  - { id: opens, match: { path: /a/b/* }, require: none }\n";
    expect(opened(logged(""))).toEqual([]);
    const inPart = "  - { id: get, match: { method: GET, path: /a/b/* }, require: {} }\n";
    expect(opened(logged(inPart))).toEqual([]);
    expect(opened(logged(opens))).toEqual(["tried any /a/b/c mode: log", "opens any /a/b/* require: none"]);
  });

  test("all of it in a stack whose mode is log", () => {
    expect(
      opened("rules: [{ id: all, match: { path: /a/* }, require: {} }]\notherwise: deny\n", {
        ...enterprise,
        mode: "log",
      }),
    ).toEqual(["all any /a/* mode: log", "otherwise any /* otherwise: deny in mode: log"]);
  });
});

test("a token that may be left out opens; a condition on the request does not", () => {
  expect(
    opened(`rules:
  - { id: news, match: { path: /news }, require: { token: optional, scope: news } }
  - { id: office, match: { path: /office }, require: { address: 203.0.113.0/24 } }
  - { id: both, match: { path: /both }, require: { token: optional, where: ssl } }
otherwise: deny
`),
  ).toEqual(["news any /news token: optional"]);
});

test("each path of a rule is an endpoint, and what holds besides by several of its paths is told once", () => {
  const { endpoints, exceptions } = covered(`rules:
  - { id: two, match: { path: [/b, /a/*] }, require: { scope: a } }
  - { id: few, match: { path: [/a/1, /a/*] }, rateLimit: { per: ip, requests: 9, every: 1m } }
always:
  - { id: all, match: { path: [/a/1, /b] }, require: { scope: b } }
except:
  - { id: health, match: { path: [/a/2, /b/2] } }
`);
  const said = (some: typeof exceptions) =>
    some.map(({ id, path, at }) => `${id} ${path} ${at.line}:${at.column}`);
  expect(said(exceptions)).toEqual(["health /a/2 17:35", "health /b/2 17:41"]);
  expect(said(endpoints)).toEqual(["two /a/* 12:36", "two /b 12:32"]);
  expect(endpoints.map(({ besides, limits }) => [besides, limits])).toEqual([
    [
      [{ rule: "all", mode: "block", inPart: true }],
      [{ rule: "few", mode: "block", inPart: false, counts: "9 in 1m per address" }],
    ],
    [[{ rule: "all", mode: "block", inPart: false }], []],
  ]);
});
