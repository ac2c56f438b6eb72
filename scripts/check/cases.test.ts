import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { problemCodes } from "../../model/problem/codes.ts";
import { checkProject } from "./checkProject.ts";
import { EXAMPLE_DAY, examplesFolder } from "./examples.ts";
import { asText } from "./text.ts";

/*
 * One folder is one case: definitions in `rules/`, and `expected.txt` is all that `keyturn check` must say of them,
 * letter by letter. Stacks' files lie beside; without one, the examples' stack counts. `openapi.yaml` is a document
 * that they are held against. To add a case, add a folder.
 */

const folder = join(import.meta.dirname, "cases");

/** Codes that no file brings about: terms that no definition states, and policy tests, which are exact beside their reader. */
const NOWHERE = ["ROTATION_SKEW", "TEST_INVALID"];

async function checked(name: string): Promise<string> {
  const own = join(folder, name);
  const document = join(own, "openapi.yaml");
  const hasStack = readdirSync(own).some((file) => file.startsWith("Pulumi."));
  const report = await checkProject({
    project: hasStack ? own : examplesFolder,
    rules: join(own, "rules"),
    ...(existsSync(document)
      ? { openapi: { path: "openapi.yaml", text: readFileSync(document, "utf8") } }
      : {}),
    today: EXAMPLE_DAY,
    shownAs: (path) => (path.startsWith(own) ? path.slice(own.length + 1) : path),
  });
  return asText(report);
}

describe("all that is said of a folder", () => {
  test.each(readdirSync(folder).sort())("%s", async (name) => {
    expect(await checked(name)).toBe(readFileSync(join(folder, name, "expected.txt"), "utf8"));
  });
});

test("every code is exact in a numbered case", () => {
  const root = join(import.meta.dirname, "..", "..");
  const folders = ["model/definition/cases", "model/openapi/cases", "scripts/check/cases"];
  const seen = folders
    .flatMap((each) =>
      readdirSync(join(root, each)).map((name) =>
        readFileSync(join(root, each, name, "expected.txt"), "utf8"),
      ),
    )
    .join("\n");
  const missing = Object.keys(problemCodes).filter((code) => !seen.includes(` ${code}: `));
  expect(missing.sort()).toEqual(NOWHERE);
});
