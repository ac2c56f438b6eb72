import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A definition file, with the path that problems name. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of policy tests below a folder, in name order: those whose names end in `.test.yaml`. */
export function readTestFiles(folder: string, shownAs = "rules"): RuleFile[] {
  return filesBelow(folder, shownAs, (name) => TEST_FILE.test(name));
}

const TEST_FILE = /(?:^|[\\/])[^.\\/][^\\/]*\.test\.ya?ml$/;

/**
 * Every definition file below a folder, in name order; policy tests (`*.test.yaml`) are none. A name that holds `.yaml`
 * and ends otherwise, such as `keys.yaml.txt`, comes too, so that it is refused and not passed over.
 *
 * @param shownAs what stands before the names in problems
 * @throws the file system's error for a folder or file that cannot be read
 */
export function readRuleFiles(folder: string, shownAs = "rules"): RuleFile[] {
  const looksSo = /(?:^|[\\/])[^.\\/][^\\/]*\.ya?ml[^\\/~]*$/i;
  return filesBelow(folder, shownAs, (name) => looksSo.test(name) && !/\.test\.ya?ml$/.test(name));
}

function filesBelow(folder: string, shownAs: string, fits: (name: string) => boolean): RuleFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(fits)
    .sort()
    .map((name) => ({
      path: join(shownAs, name).replaceAll("\\", "/"),
      text: readFileSync(join(folder, name), "utf8"),
    }));
}
