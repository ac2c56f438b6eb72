import { test as propertyTest } from "@fast-check/vitest";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, readJsonObject } from "./strictJson.ts";

const read = (text: string) => readJsonObject(Buffer.from(text));
const nested = (depth: number) => `${'{"a":['.repeat(depth / 2)}${"]}".repeat(depth / 2)}`;

describe("readJsonObject", () => {
  it.each([
    "{}",
    '{"a":"x:y\\":{","b":[{"a":1},{"a":2}],"c":{"a":null}}',
    ' { "" : 1 , "__proto__" : { "x" : 2 } } ',
  ])("reads %s", (text) => {
    expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1,"\\u0062":2}}',
    '[{"a":1}]',
    "null",
    "7",
    '"a"',
    "",
    "{",
    '{"a":1} x',
    "\ufeff{}",
  ])("refuses %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("refuses what is not UTF-8", () => {
    expect(readJsonObject(Buffer.from('{"a":"\xe4"}', "latin1"))).toBeUndefined();
  });

  it("reads 32 levels and no more, and survives a million", () => {
    expect(read(nested(32))).toBeDefined();
    expect(read(`{"a":${nested(32)}}`)).toBeUndefined();
    expect(read(nested(1_000_000))).toBeUndefined();
  });

  propertyTest.prop([fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))])(
    "reads whatever JSON.stringify writes",
    (value) => {
      expect(read(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    },
  );
});

describe("parseJson", () => {
  it("reads escaped names right, whatever was read before", () => {
    const [quote, backslash] = ['{"a":1,"\\"":2}', '{"a":1,"\\\\":2}'];
    for (const text of [backslash, quote, backslash]) {
      const name = text === quote ? '"' : "\\";
      expect(Object.keys(parseJson(text) as object)).toEqual(["a", name]);
    }
  });

  it("hands numbers over as they were written", () => {
    expect(parseJson('[12345678901234567890, {"n": 1.50}, "7"]', (written) => `<${written}>`)).toEqual([
      "<12345678901234567890>",
      { n: "<1.50>" },
      "7",
    ]);
  });

  it.each(['{"a":1,"\\u0061":2}', '{"a":"\\x"}', '{"\\x":1}', "[1,]", ""])("refuses %s", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
