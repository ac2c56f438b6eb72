import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, parseValue } from "./parser.ts";
import { ExpressionError } from "./problems.ts";
import { expressions, plantedKey } from "./testing/expressions.ts";
import { mutants } from "./testing/mutants.ts";
import { fuzzSettings, Tally } from "./testing/runs.ts";

/** Parses both ways; anything thrown but an `ExpressionError` with sound positions fails the property. */
function attempt(text: string, tally: Tally): void {
  tally.case();
  for (const [name, read] of [
    ["parsed", parse],
    ["parsed as values", parseValue],
  ] as const) {
    try {
      read(text);
      tally.count(name);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const [problem] = error.problems;
      expect(problem).toBeDefined();
      expect(problem?.offset).toBeGreaterThanOrEqual(0);
      expect((problem?.offset ?? 0) + (problem?.length ?? 0)).toBeLessThanOrEqual(text.length + 2);
      expect(error.format()).toContain(error.code);
    }
  }
}

const hour = 3_600_000;

test("arbitrary text gives a tree or an ExpressionError", { timeout: hour }, () => {
  const settings = fuzzSettings(0.25);
  const tally = new Tally();
  const grapheme = fc.string({ unit: "grapheme", maxLength: 60 });
  const signs = fc.string({
    unit: fc.constantFrom(...'()[]{}*"r#.:/0129af$!&|^=<>~, \n\\xnotadeqi'),
    maxLength: 80,
  });
  fc.assert(
    fc.property(fc.oneof(grapheme, signs, fc.string({ unit: "binary", maxLength: 200 })), (text) =>
      attempt(text, tally),
    ),
    settings,
  );
  tally.print("parser, arbitrary text", settings);
});

test("mutated expressions give a tree or an ExpressionError, and no message holds a key", {
  timeout: hour,
}, () => {
  const settings = fuzzSettings(0.5);
  const tally = new Tally();
  fc.assert(
    fc.property(mutants, (text) => {
      attempt(text, tally);
      try {
        parse(text);
      } catch (error) {
        expect((error as Error).message).not.toContain(plantedKey);
      }
    }),
    settings,
  );
  tally.print("parser, mutated expressions", settings);
  expect(tally.share("parsed")).toBeGreaterThan(0.05);
  expect(tally.share("parsed")).toBeLessThan(0.95);
});

test("generated expressions parse", { timeout: hour }, () => {
  const settings = fuzzSettings(0.25);
  const tally = new Tally();
  fc.assert(
    fc.property(expressions, ({ text }) => {
      attempt(text, tally);
      expect(() => parse(text)).not.toThrow();
    }),
    settings,
  );
  tally.print("parser, generated expressions", settings);
  expect(tally.share("parsed")).toBe(1);
});
