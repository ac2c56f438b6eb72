import { describe, expect, test } from "vitest";
import { chosen } from "../choices.ts";
import { JsonDocuments } from "./json.ts";

const choices = chosen();

function string(text: string, ...path: (string | number)[]): string | undefined {
  return new JsonDocuments().string(text, path, choices);
}

function integer(text: string, ...path: (string | number)[]): number | bigint | undefined {
  return new JsonDocuments().integer(text, path, choices);
}

describe("integers", () => {
  test.each([
    ["42", 42],
    ["-7", -7],
    ["0", 0],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["9223372036854775808", undefined],
    ["42.0", undefined],
    ["4e1", undefined],
    ["1E400", undefined],
    ['"42"', undefined],
    ["true", undefined],
    ["null", undefined],
    ["[42]", undefined],
  ])("%s", (number, expected) => {
    expect(integer(`{"a":${number}}`, "a")).toBe(expected);
  });
});

describe("strings", () => {
  test.each([
    ['{"a":"x"}', ["a"], "x"],
    ['{"a":{"b":["x","y"]}}', ["a", "b", 1], "y"],
    ['["x","y"]', [0], "x"],
    ['["x"]', [1], undefined],
    ['["x"]', [-1], undefined],
    ['["x"]', ["0"], undefined],
    ['{"0":"x"}', [0], undefined],
    ['{"a":42}', ["a"], undefined],
    ['{"a":"x","a":"y"}', ["a"], "y"],
    ['"x"', ["length"], undefined],
    ["{}", ["__proto__"], undefined],
    ["{}", ["constructor", "name"], undefined],
    ['{"__proto__":"x"}', ["__proto__"], "x"],
    ['{"a":"\\ud800"}', ["a"], undefined],
    ['{"a":"\\u00e9"}', ["a"], "\u00c3\u00a9"],
    ['{"\u00c3\u00a9":"x"}', ["é"], "x"],
    ['{"a":"\u00c3\u00a9"}', ["a"], "\u00c3\u00a9"],
    ['{"a":"\u00e9"}', ["a"], undefined],
    ["", ["a"], undefined],
    ['{"a":"x"', ["a"], undefined],
    ['{"a":"x"} x', ["a"], undefined],
  ] as const)("%s at %j", (text, path, expected) => {
    expect(string(text, ...path)).toBe(expected);
  });
});

test("documents deeper than 128 levels are invalid, and cost no stack", () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{"b":"x"}${"}".repeat(depth - 1)}`;
  const path = (depth: number) => [...new Array<string>(depth - 1).fill("a"), "b"];
  expect(string(nested(128), ...path(128))).toBe("x");
  expect(string(nested(129), ...path(129))).toBeUndefined();
  expect(string("[".repeat(1_000_000), 0)).toBeUndefined();
  expect(string(`{"s":"${"[".repeat(500)}","a":"x"}`, "a")).toBe("x");
});

test("a document is parsed once, several side by side", () => {
  const documents = new JsonDocuments();
  const texts = ['{"a":"1"}', '{"a":"2"}', '{"a":"1"}'];
  expect(texts.map((text) => documents.string(text, ["a"], choices))).toEqual(["1", "2", "1"]);
});

test("the table of choices decides doubled names and other types", () => {
  const other = chosen({ jsonDuplicateKeys: "invalid", jsonOtherTypes: "text" });
  const read = (text: string, ...path: (string | number)[]) => new JsonDocuments().string(text, path, other);
  expect(read('{"a":"x","a":"y"}', "a")).toBeUndefined();
  expect(read('{"a":{"b":1},"c":[{"b":2},"b:"],"d":"x"}', "d")).toBe("x");
  expect(read('{"a":{"b":1,"\\u0062":2},"d":"x"}', "d")).toBeUndefined();
  expect([read('{"a":4.50}', "a"), read('{"a":7}', "a"), read('{"a":true}', "a")]).toEqual([
    "4.50",
    "7",
    "true",
  ]);
});

test("a name with an escape is read right after another client's document", () => {
  expect(integer('{"a":1,"\\\\":2}', "\\")).toBe(2);
  expect(integer('{"a":1,"\\"":2}', '"')).toBe(2);
  expect(integer('{"a":1,"\\"":9007199254740993}', '"')).toBe(9007199254740993n);
});
