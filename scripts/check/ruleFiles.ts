import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../cli/errors.ts";

/** A definition file, with the path that problems name. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads every definition file below a folder, in name order; policy tests (`*.test.yaml`) are none. `shownAs` goes in front of the
 * names in problems. Throws `CommandError` FILE_UNREADABLE.
 */
export async function readRuleFiles(folder: string, shownAs: string): Promise<readonly RuleFile[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) =>
    unreadable(shownAs, error),
  );
  const definitions = names.filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name)).sort();
  if (definitions.length === 0) {
    throw new CommandError(
      "FILE_UNREADABLE",
      `${shownAs} holds no .yaml file`,
      "Name the folder of the definitions with --rules.",
    );
  }
  return Promise.all(
    definitions.map(async (name) => {
      const path = join(shownAs, name).replaceAll("\\", "/");
      const text = await readFile(join(folder, name), "utf8").catch((error: unknown) =>
        unreadable(path, error),
      );
      return { path, text };
    }),
  );
}

function unreadable(path: string, error: unknown): never {
  const reason = (error as NodeJS.ErrnoException).code;
  throw new CommandError("FILE_UNREADABLE", `${path} cannot be read${reason ? ` (${reason})` : ""}`);
}
