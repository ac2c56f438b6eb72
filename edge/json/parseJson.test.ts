import { describe, expect, it } from "vitest";
import { parseJson } from "./parseJson.ts";

/** What another client may have sent just before; V8 13.6 then misreads the names of the next document. */
const BEFORE = '{"a":1,"\\\\":2}';

describe("member names with escapes", () => {
  it.each([
    ['{"a":1,"\\"":2}', { a: 1, '"': 2 }],
    ['{"a":1,"\\u0062":2}', { a: 1, b: 2 }],
    ['{ "a\\\\" : "x:\\"y\\":" , "l":[{"\\n":null}] }', { "a\\": 'x:"y":', l: [{ "\n": null }] }],
    ['{"\\u005f_proto__":{"a":1}}', Object.fromEntries([["__proto__", { a: 1 }]])],
    ['{"a":1,"\\u0061":2}', { a: 2 }],
  ])("%s", (text, expected) => {
    parseJson(BEFORE);
    expect(parseJson(text)).toEqual(expected);
  });

  it("are read beside values that a reviver made", () => {
    class Kept {
      readonly source: string | undefined;
      constructor(source: string | undefined) {
        this.source = source;
      }
    }
    const read = parseJson('{"\\"":1.50,"l":[2]}', (_key, value, context) =>
      typeof value === "number" ? new Kept(context?.source) : value,
    );
    expect(read).toEqual({ '"': new Kept("1.50"), l: [new Kept("2")] });
  });
});

it.each(["", "{", '{"a":1}x', '{"\\x":1}', '["\\\\":1]', '{\\"a":1}', '{"a\nb\\\\":1}'])(
  "refuses %j as JSON.parse does",
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  },
);

// Quadratic work on 4 MB would take hours.
it("comes to an end on a long text in which no string ends", () => {
  const hostile = '\\"'.repeat(2_000_000);
  expect(() => parseJson(hostile)).toThrow(SyntaxError);
});
