import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { problemCodes } from "./codes.ts";
import { openapiCodes } from "./openapiCodes.ts";

/** Codes that only compiling, or terms that no definition states, can bring about; tested beside their source. */
const elsewhere = [
  "EXPRESSION_TOO_LONG",
  "FILE_NAME_INVALID",
  "KEY_RENEWAL_DUE",
  "MODE_STAGES_FAR",
  "MODE_STAGES_PAST",
  "RING_OVERRIDE_INVALID",
  "ROTATION_SKEW",
  "RULES_TOO_MANY",
  "SETTING_INVALID",
  "SUPPRESSION_CODE_UNKNOWN",
  "SUPPRESSION_ENDED",
  "SUPPRESSION_INVALID",
  "SUPPRESSION_OF_ERROR",
  "SUPPRESSION_UNUSED",
  "TEST_INVALID",
];

test("every code comes up in a golden case", () => {
  const folder = fileURLToPath(new URL("../definition/cases/", import.meta.url));
  const seen = readdirSync(folder)
    .map((name) => readFileSync(`${folder}${name}/expected.txt`, "utf8"))
    .join("\n");
  // Documents of others have cases of their own.
  const missing = Object.keys(problemCodes).filter(
    (code) => !seen.includes(` ${code}: `) && !(code in openapiCodes),
  );
  expect(missing.sort()).toEqual(elsewhere);
});
