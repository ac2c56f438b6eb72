import { expect, test } from "vitest";
import { shownLine } from "./shownLine.ts";
import { readSource } from "./source.ts";

const shown = (text: string) => {
  const source = readSource("a.yaml", text);
  return source.rows.map((_, index) => shownLine(source, index + 1));
};
const pem = "-----BEGIN PRIVATE KEY-----\n  short\n  -----END PRIVATE KEY-----";

test("lines are shown as they stand, without control characters", () => {
  expect(shown("host: a\r\n\tmode: \u001b[1m\u202elog")).toEqual(["host: a", " mode:  [1m log"]);
  expect(shownLine(readSource("a.yaml", ""), 7)).toBeUndefined();
});

test("no line of what looks like a secret is shown", () => {
  const hex = "0123456789abcdef0123456789abcdef";
  expect(shown(`a: 1\nb: |\n  ${pem}\nc: 2`)).toEqual([
    "a: 1",
    undefined,
    undefined,
    undefined,
    undefined,
    "c: 2",
  ]);
  expect(shown(`a: ${hex} # keyturn: no secret, because it is a client id`)).toEqual([undefined]);
  expect(shown(`a: 1 # once ${hex}`)).toEqual([undefined]);
  expect(shown('a: "0123456789abcdef\\\n  0123456789abcdef"\nb: 1')).toEqual([undefined, undefined, "b: 1"]);
});

test("of a file that cannot be read and holds a secret no line is shown", () => {
  expect(shown(`a: [\nb: "\n  ${pem}`)).toEqual(Array.from({ length: 5 }, () => undefined));
});
