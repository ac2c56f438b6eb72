import { expect, it } from "vitest";
import { scanJson } from "./scanJson.ts";

it.each([
  ["1", { depth: 0, colons: 0, values: 1 }],
  ["[1,2]", { depth: 1, colons: 0, values: 3 }],
  ['{"a":{"b":[]},"c:[":1}', { depth: 3, colons: 3, values: 5 }],
  ['"\\",[{"', { depth: 0, colons: 0, values: 1 }],
  ['["a\\\\",[]]', { depth: 2, colons: 0, values: 4 }],
  ['["', { depth: 1, colons: 0, values: 2 }],
  ['"\\', { depth: 0, colons: 0, values: 1 }],
])("%s", (text, shape) => {
  expect(scanJson(text)).toEqual(shape);
});
