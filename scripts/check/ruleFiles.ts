import { resolve } from "node:path";
import {
  type RuleFile,
  readRuleFiles as readFiles,
  readTestFiles as readTests,
} from "../../infra/ruleFiles.ts";
import { CommandError } from "../cli/errors.ts";

export type { RuleFile };

/** The folder of this project: where Pulumi.yaml, the stacks' files and rules/ lie. */
export const projectFolder = resolve(import.meta.dirname, "..", "..");

/**
 * As `readRuleFiles` of the program. Throws `CommandError` FILE_UNREADABLE, also for a folder without any file where
 * there must be `some`.
 */
export function readRuleFiles(
  folder: string,
  shownAs: string,
  least: "some" | "or none" = "some",
): readonly RuleFile[] {
  const files = attempt(readFiles, folder, shownAs);
  if (files.length > 0 || least === "or none") return files;
  throw new CommandError(
    "FILE_UNREADABLE",
    `${shownAs} holds no .yaml file`,
    "Name the folder of the definitions with --rules.",
  );
}

/** The policy tests in a folder. Throws `CommandError` FILE_UNREADABLE. */
export function readTestFiles(folder: string, shownAs: string): readonly RuleFile[] {
  return attempt(readTests, folder, shownAs);
}

function attempt(read: typeof readFiles, folder: string, shownAs: string): readonly RuleFile[] {
  try {
    return read(folder, shownAs);
  } catch (error) {
    const { code, path } = error as { code?: string; path?: string };
    const name = path?.startsWith(folder) ? `${shownAs}${path.slice(folder.length)}` : shownAs;
    throw new CommandError(
      "FILE_UNREADABLE",
      `${name} cannot be read (${code ?? "unknown error"})`,
      undefined,
      {
        cause: error,
      },
    );
  }
}
