import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A definition file, with the path that problems name. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Every definition file below a folder, in name order; policy tests (`*.test.yaml`) are none. A name that holds `.yaml`
 * and ends otherwise, such as `keys.yaml.txt`, comes too, so that it is refused and not passed over.
 *
 * @param shownAs what stands before the names in problems
 * @throws the file system's error for a folder or file that cannot be read
 */
export function readRuleFiles(folder: string, shownAs = "rules"): RuleFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?:^|[\\/])[^.\\/][^\\/]*\.ya?ml[^\\/~]*$/i.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({
      path: join(shownAs, name).replaceAll("\\", "/"),
      text: readFileSync(join(folder, name), "utf8"),
    }));
}
