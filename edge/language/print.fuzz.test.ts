import fc from "fast-check";
import { expect, test } from "vitest";
import type { Expression } from "./ast.ts";
import { compileFilter } from "./compile.ts";
import { parse } from "./parser.ts";
import { print } from "./print.ts";
import { ExpressionError } from "./problems.ts";
import { expressions } from "./testing/expressions.ts";
import { mutants } from "./testing/mutants.ts";
import { requests } from "./testing/requests.ts";
import { fuzzSettings, Tally } from "./testing/runs.ts";

/** The tree without its places in the text. */
function bare(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression.body, (key, value: unknown) => {
      if (key === "start" || key === "end") return undefined;
      return typeof value === "bigint" ? `${value}n` : value;
    }),
  );
}

function parsed(text: string): Expression | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

const hour = 3_600_000;

test("parsing what was printed gives the same tree, and printing it again the same text", {
  timeout: hour,
}, () => {
  const settings = fuzzSettings(0.9);
  const tally = new Tally();
  const texts = fc.oneof(
    { weight: 7, arbitrary: expressions.map(({ text }) => text) },
    { weight: 1, arbitrary: mutants },
  );
  fc.assert(
    fc.property(texts, (text) => {
      tally.case();
      const first = parsed(text);
      if (first === undefined) return;
      tally.count("parsed");
      const printed = print(first);
      const again = parse(printed);
      expect(bare(again)).toEqual(bare(first));
      expect(print(again)).toBe(printed);
    }),
    settings,
  );
  tally.print("printer", settings);
  expect(tally.share("parsed")).toBeGreaterThan(0.8);
});

test("what was printed decides as the original", { timeout: hour }, () => {
  const settings = fuzzSettings(0.1);
  const tally = new Tally();
  fc.assert(
    fc.property(expressions, requests, ({ text }, request) => {
      tally.case();
      const original = parse(text);
      const decision = compileFilter(original)(request);
      expect(compileFilter(parse(print(original)))(request)).toBe(decision);
      expect(compileFilter(parse(`not (${text})`))(request)).toBe(!decision);
      if (decision) tally.count("true");
    }),
    settings,
  );
  tally.print("printed against original", settings);
  expect(tally.share("true")).toBeGreaterThan(0.1);
});
