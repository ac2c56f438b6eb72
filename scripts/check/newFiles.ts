import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { exceptionIdsIn, ringIdsIn, ruleIdsIn } from "../../model/definition/shape.ts";
import { readSource } from "../../model/definition/source.ts";
import { CommandError } from "../cli/errors.ts";
import { readRuleFiles } from "./ruleFiles.ts";

/** Ids that the definitions in a folder have; none where there is no folder or nothing in it. */
export function namesIn(
  folder: string,
  shownAs: string,
): { readonly rules: ReadonlySet<string>; readonly rings: ReadonlySet<string> } {
  const sources = existsSync(folder)
    ? readRuleFiles(folder, shownAs, "or none").map(({ path, text }) => readSource(path, text))
    : [];
  return {
    rules: new Set(sources.flatMap((source) => [...ruleIdsIn(source), ...exceptionIdsIn(source)])),
    rings: new Set(sources.flatMap(ringIdsIn)),
  };
}

interface NewFile {
  readonly path: string;
  readonly shownAs: string;
  readonly text: string;
}

/** Writes files that must not exist: all or none of them. Throws `CommandError` FILE_EXISTS, FILE_UNWRITABLE. */
export function writeNew(files: readonly NewFile[]): void {
  const known = files.filter(({ path }) => existsSync(path));
  if (known.length > 0) {
    throw new CommandError(
      "FILE_EXISTS",
      `${known.map(({ shownAs }) => shownAs).join(" and ")} would be overwritten`,
    );
  }
  for (const { path, shownAs, text } of files) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: "wx" });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      throw new CommandError("FILE_UNWRITABLE", `${shownAs} cannot be written (${code})`, undefined, {
        cause: error,
      });
    }
  }
}
