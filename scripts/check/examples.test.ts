import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { problemCodes } from "../../model/problem/codes.ts";
import { exampleOf, examplesFolder } from "./examples.ts";

/*
 * One folder in model/problem/examples is one code: `bad/` must bring it about and nothing else, `good/` nothing at
 * all. To change an example, change its files.
 */

const codes = Object.keys(problemCodes).sort();

/** What no definition brings about, each tested elsewhere. */
const without = ["ROTATION_SKEW", "TEST_INVALID"];

test("every code of a definition has an example, and nothing else has", () => {
  const folders = readdirSync(examplesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(codes);
});

describe("the example of", () => {
  test.each(codes)("%s", async (code) => {
    const example = await exampleOf(code);
    if (example === undefined || "none" in example) {
      expect(without).toContain(code);
      expect(example?.none).toMatch(/^No .* brings this about: .*\.$/);
      return;
    }
    expect([new Set(example.bad.codes), example.bad.output]).toEqual([new Set([code]), example.bad.output]);
    expect(example.good.output).toBe("");
  });
});
