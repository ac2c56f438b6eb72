import { describe, expect, test } from "vitest";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Requirement } from "../definition/types.ts";
import { conditionsOf, textsOf } from "./conditions.ts";
import { asksLess } from "./strictness.ts";

const KEYS = `
keys:
  a: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
  b: { algorithm: ES256, tokens: { issuer: b, audience: api, lifetime: 15m }, rotation: { every: 90d } }
  links: { hmac: { parameter: verify, lifetime: 1h }, rotation: { every: 90d } }
host: api.example.com
tokens: [{ ring: a, in: [header authorization] }, { ring: b, in: [header x-b] }]
`;

function required(text: string): Requirement | undefined {
  const rule = `rules:\n  - { id: a, match: { path: /a }, require: ${text} }\n`;
  const { definitions, problems } = loadDefinitions([{ path: "a.yaml", text: KEYS + rule }], enterprise);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return definitions.hosts[0]?.rules[0]?.require;
}

describe("a requirement against that of the rule which it takes requests from", () => {
  test.each([
    ["the same", "{ scope: x }", "{ scope: x }"],
    ["more", "{ scope: [x, y] }", "{ scope: x }"],
    ["fewer values of a claim", "{ claims: { r: p } }", "{ claims: { r: [p, q] } }"],
    ["another ring", "{ ring: b, scope: x }", "{ scope: x }"],
    ["more than nothing", "{}", "none"],
    ["one of its alternatives", "{ scope: x }", "{ scope: { any: [x, y] } }"],
    [
      "fewer elements",
      "{ claims: { r: { has: x, length: 2 } } }",
      "{ claims: { r: { has: x, length: 3 } } }",
    ],
    [
      "an array alone",
      "{ claims: { r: { has: x, length: 2 } } }",
      "{ claims: { r: { has: x, length: 2, orAlone: true } } }",
    ],
    [
      "no array, where one may be",
      "{ claims: { r: x } }",
      "{ claims: { r: { has: x, length: 2, orAlone: true } } }",
    ],
    [
      "the alternatives in another order",
      "{ any: [{ ring: b }, { scope: x }] }",
      "{ any: [{ scope: x }, { ring: b }] }",
    ],
    ["alternatives that are each enough", "{ any: [{ scope: [x, y] }, { scope: [x, z] }] }", "{ scope: x }"],
    [
      "the same beside more",
      "{ link: links, all: [{ scope: x }] }",
      "{ any: [{ link: links }, { ring: b }] }",
    ],
    [
      "the same, written out",
      "{ all: [{ any: [{ scope: x }, { scope: y }] }] }",
      "{ scope: { any: [y, x] } }",
    ],
  ])("%s is enough: %s instead of %s", (_name, has, needs) => {
    expect(asksLess(required(has), required(needs))).toBe(false);
  });

  test.each([
    ["nothing", "none", "{}"],
    ["more elements", "{ claims: { r: { has: x, length: 3 } } }", "{ claims: { r: { has: x, length: 2 } } }"],
    [
      "an array or none",
      "{ claims: { r: { has: x, length: 2, orAlone: true } } }",
      "{ claims: { r: { has: x, length: 2 } } }",
    ],
    ["the token alone", "{}", "{ scope: x }"],
    ["one token of another ring, where more than that is asked", "{ ring: b }", "{ scope: x }"],
    ["more values of a claim", "{ claims: { r: [p, q] } }", "{ claims: { r: p } }"],
    ["a choice where one thing is asked", "{ scope: { any: [x, y] } }", "{ scope: x }"],
    [
      "one alternative more",
      "{ any: [{ scope: x }, { scope: y }, { ring: b }] }",
      "{ scope: { any: [x, y] } }",
    ],
    [
      "an alternative that says less",
      "{ any: [{ scope: x }, { ring: b }] }",
      "{ any: [{ scope: x }, { ring: b, scope: x }] }",
    ],
    ["a link for whoever has no token", "{ any: [{ scope: x }, { link: links }] }", "{ scope: x }"],
    ["the second of two that are needed", "{ link: links }", "{ all: [{ scope: x }, { link: links }] }"],
  ])("%s is less: %s instead of %s", (_name, has, needs) => {
    expect(asksLess(required(has), required(needs))).toBe(true);
  });
});

test.each([
  ["{ scope: { any: [x, y] } }", ["a token of a", "either scope x or scope y"]],
  ["{ any: [{ scope: x }, {}] }", ["a token of a"]],
  ["{ any: [{ scope: x }, { scope: x }] }", ["a token of a", "scope x"]],
  [
    "{ any: [{ any: [{ ring: b }, { link: links }] }, { scope: x }] }",
    ["either a token of b or a link of links or (a token of a and scope x of a)"],
  ],
  [
    "{ ring: b, any: [{ scope: x }, { scope: y }, { ring: a }] }",
    ["a token of b", "either scope x of b or scope y of b or a token of a"],
  ],
  [
    "{ any: [{ scope: x }, { ring: b }, { scope: y }] }",
    ["either (a token of a and either scope x of a or scope y of a) or a token of b"],
  ],
  [
    "{ all: [{ scope: x }, { scope: y }, { link: links }] }",
    ["a token of a", "scope x of a", "scope y of a", "a link of links"],
  ],
])("%s is made of conditions that each stand once", (text, conditions) => {
  expect(textsOf(conditionsOf(required(text)))).toEqual(conditions);
});
