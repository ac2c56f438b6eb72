import { expect, test } from "vitest";
import { tryPlainUp } from "./plainUp.ts";
import type { Stage } from "./stage.ts";

/** A stage whose ledger is one thing before the update and another after it. */
function stage(ok: boolean, changes: Record<string, number>, after = "before"): Stage {
  const ledgers = ["before", after];
  return {
    ledger: async () => ledgers.shift(),
    local: { runner: { up: async () => ({ ok, changes, diagnostics: [] }) } },
  } as unknown as Stage;
}

test.each([
  ["nothing changed", stage(true, { same: 3, update: 0 }), true],
  ["a resource changed", stage(true, { same: 2, update: 1 }), false],
  ["a resource was made", stage(true, { same: 3, create: 1 }), false],
  ["the ledger changed", stage(true, { same: 3 }, "after"), false],
  ["the update failed", stage(false, { same: 3 }), false],
])("%s", async (when, fake, ok) => {
  expect((await tryPlainUp(fake, when)).ok).toBe(ok);
});
