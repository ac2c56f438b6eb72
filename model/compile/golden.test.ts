import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compileFolder, print } from "./testing/goldenCase.ts";

/*
 * One folder is one case: the YAML files go in, every rule in `expected.txt` must come out, letter by letter.
 * `states.json`, `zone.json` and `environment.json` may say more; to add a case, add a folder.
 */

const folder = fileURLToPath(new URL("./cases/", import.meta.url));

describe("every rule of a folder, with its exact expression", () => {
  test.each(readdirSync(folder).sort())("%s", (name) => {
    expect(print(compileFolder(`${folder}${name}`))).toBe(
      readFileSync(`${folder}${name}/expected.txt`, "utf8"),
    );
  });
});
