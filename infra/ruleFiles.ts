import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A definition file, with the path that problems name. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** Whether a file of this name holds policy tests: one whose name ends in `.test.yaml`. */
export function isTestFile(name: string): boolean {
  return /(?:^|[\\/])[^.\\/][^\\/]*\.test\.ya?ml$/.test(name);
}

/**
 * Whether a file of this name holds definitions; policy tests are none. A name that holds `.yaml` and ends otherwise,
 * such as `keys.yaml.txt`, counts too, so that it is refused and not passed over.
 */
export function isRuleFile(name: string): boolean {
  return /(?:^|[\\/])[^.\\/][^\\/]*\.ya?ml[^\\/~]*$/i.test(name) && !/\.test\.ya?ml$/.test(name);
}

/** Every file of policy tests below a folder, in name order. */
export function readTestFiles(folder: string, shownAs = "rules"): RuleFile[] {
  return filesBelow(folder, shownAs, isTestFile);
}

/**
 * Every definition file below a folder, in name order.
 *
 * @param shownAs what stands before the names in problems
 * @throws the file system's error for a folder or file that cannot be read
 */
export function readRuleFiles(folder: string, shownAs = "rules"): RuleFile[] {
  return filesBelow(folder, shownAs, isRuleFile);
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
