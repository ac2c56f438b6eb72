import { expect, test } from "vitest";
import { choiceTable, resolveChoices } from "./choices.ts";

test("every row has a question, a reason, other answers, and its own among them", () => {
  for (const row of Object.values(choiceTable)) {
    expect(row.question.endsWith("?")).toBe(true);
    expect(row.reason.length).toBeGreaterThan(20);
    expect(row.options.length).toBeGreaterThan(1);
    expect(row.options as readonly unknown[]).toContain(row.chosen);
  }
});

test("overrides replace rows; what the table does not have is refused", () => {
  expect(resolveChoices().rulesetDelete).toBe(204);
  expect(resolveChoices({ rulesetDelete: 200 }).rulesetDelete).toBe(200);
  expect(() => resolveChoices({ other: 1 } as never)).toThrow(
    new RangeError("there is no choice named other"),
  );
  expect(() => resolveChoices({ emptyKeySet: "maybe" } as never)).toThrow(
    new RangeError("maybe is no value of the choice emptyKeySet"),
  );
});
