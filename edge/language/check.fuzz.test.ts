import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckContext, check } from "./check.ts";
import { CHOICES, type Choices } from "./choices.ts";
import { compile, compileFilter } from "./compile.ts";
import { parse } from "./parser.ts";
import { ExpressionError, formatProblems } from "./problems.ts";
import { configurations, expressions, type FuzzPhase, plantedKey, values } from "./testing/expressions.ts";
import { Interpreter } from "./testing/interpreter.ts";
import { listNames } from "./testing/literals.ts";
import { mutants } from "./testing/mutants.ts";
import { requests } from "./testing/requests.ts";
import { fuzzSettings, Tally } from "./testing/runs.ts";
import { everything, typeOf } from "./testing/sample.ts";
import { elementOf, isArrayType, isMapType, type Type, type Value } from "./values.ts";

function context(phase: FuzzPhase): CheckContext {
  return {
    phase,
    plan: "enterprise",
    addOns: everything.addOns,
    lists: listNames,
    tokenConfigurations: configurations,
  };
}

/** Whether a value at run time is what its type says; missing is always allowed. */
function isOfType(value: Value | undefined, type: Type): boolean {
  if (value === undefined) return true;
  const inner = elementOf(type);
  if (inner !== undefined && isArrayType(type)) {
    return Array.isArray(value) && value.every((item) => isOfType(item, inner));
  }
  if (inner !== undefined && isMapType(type)) {
    return value instanceof Map && [...value.values()].every((item) => isOfType(item, inner));
  }
  switch (type) {
    case "Bool":
      return typeof value === "boolean";
    case "Integer":
      return typeof value === "bigint" ? !Number.isSafeInteger(Number(value)) : Number.isSafeInteger(value);
    case "IP":
      return typeof value === "object" && "version" in value;
    default:
      return typeof value === "string" && [...value].every((byte) => byte.charCodeAt(0) < 256);
  }
}

const choices = fc
  .record(
    Object.fromEntries(
      Object.entries(CHOICES).map(([name, row]) => [name, fc.constantFrom(row.value, ...row.others)]),
    ),
  )
  .map((chosen) => chosen as unknown as Choices);

const hour = 3_600_000;

test("a checked expression answers for every request and never throws", { timeout: hour }, () => {
  const settings = fuzzSettings(0.6);
  const tally = new Tally();
  fc.assert(
    fc.property(expressions, requests, choices, ({ phase, text }, request, chosen) => {
      tally.case();
      const expression = parse(text);
      tally.count("parsed");
      if (check(expression, context(phase)).length > 0) return;
      tally.count("type-checked");
      if (compileFilter(expression)(request)) tally.count("true");
      for (const options of [{}, { choices: chosen }]) {
        const filter = compileFilter(expression, options);
        const decision = filter(request);
        expect(typeof decision).toBe("boolean");
        expect(filter(request)).toBe(decision);
        const value = compile(expression, options)(request);
        expect(isOfType(value, "Bool")).toBe(true);
        expect(value === true).toBe(decision);
      }
    }),
    settings,
  );
  tally.print("checker against evaluator", settings);
  expect(tally.share("parsed")).toBe(1);
  expect(tally.share("type-checked")).toBeGreaterThan(0.95);
});

test("the compiled form decides as a plain walk over the tree", { timeout: hour }, () => {
  const settings = fuzzSettings(0.2);
  const tally = new Tally();
  const ofTheRequest = expressions.filter(({ text }) => !/\$(?:office_network|partners|hosts)/.test(text));
  fc.assert(
    fc.property(ofTheRequest, requests, ({ text }, request) => {
      tally.case();
      const expression = parse(text);
      const decision = compileFilter(expression)(request);
      if (decision) tally.count("true");
      expect(decision).toBe(new Interpreter(request).holds(expression.body));
    }),
    settings,
  );
  tally.print("compiler against interpreter", settings);
  expect(tally.share("true")).toBeGreaterThan(0.1);
});

test("values are of the type that was inferred", { timeout: hour }, () => {
  const settings = fuzzSettings(0.1);
  const tally = new Tally();
  fc.assert(
    fc.property(values, requests, ({ text }, request) => {
      tally.case();
      const expression = parse(text);
      const type = typeOf(expression);
      if (type === undefined) return;
      tally.count("type-checked");
      const value = compile(expression)(request);
      if (value === undefined) tally.count("missing");
      expect(isOfType(value, type)).toBe(true);
    }),
    settings,
  );
  tally.print("types of values", settings);
  expect(tally.share("type-checked")).toBeGreaterThan(0.9);
});

test("mutants that pass the check do not throw either, and problems keep keys to themselves", {
  timeout: hour,
}, () => {
  const settings = fuzzSettings(0.1);
  const tally = new Tally();
  fc.assert(
    fc.property(mutants, requests, (text, request) => {
      tally.case();
      try {
        const expression = parse(text);
        const problems = check(expression, context("http_request_firewall_custom"));
        expect(JSON.stringify(problems)).not.toContain(plantedKey);
        if (/is_timed_hmac_valid_v0\("/.test(text)) {
          expect(formatProblems(text, problems)).not.toContain(`is_timed_hmac_valid_v0("${plantedKey}`);
        }
        if (problems.length > 0) return;
        tally.count("type-checked");
        expect(typeof compileFilter(expression)(request)).toBe("boolean");
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        expect(error.message).not.toContain(plantedKey);
      }
    }),
    settings,
  );
  tally.print("mutants against evaluator", settings);
});
