import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StackSettings } from "../../model/environment/settings.ts";
import { readStackFile } from "../../model/environment/stackFile.ts";
import type { Problem } from "../../model/problem/problem.ts";
import { CommandError } from "../cli/errors.ts";

/**
 * A stack's file. Names of stacks have letters, digits, `-`, `_` and `.` (pulumi.com/docs/iac/concepts/stacks, as of
 * 2026-11), so that one can stand in Markdown.
 */
const STACK_FILE = /^Pulumi\.([\w.-]{1,100})\.ya?ml$/;

/** One stack's file as it was read: its settings, or what is wrong with them. */
export interface StackReading {
  readonly stack: string;
  readonly settings: StackSettings | undefined;
  readonly problems: readonly Problem[];
}

/**
 * The settings of the stacks whose files (`Pulumi.<stack>.yaml`) lie in a folder: of one, or of all in name order.
 * Reads nothing but these files. Throws `CommandError` STACK_NOT_FOUND.
 *
 * @param shownAs how a path is shown to the reader
 */
export async function readStackFiles(
  folder: string,
  only: string | undefined,
  shownAs: (path: string) => string,
): Promise<readonly StackReading[]> {
  const files = (await readdir(folder).catch(() => [])).flatMap((name) => {
    const stack = STACK_FILE.exec(name)?.[1];
    return stack === undefined ? [] : [{ name, stack }];
  });
  const stacks = files.map(({ stack }) => stack).sort();
  if (only !== undefined && !stacks.includes(only)) {
    const known = stacks.length > 0 ? `there are ${stacks.join(", ")}` : "there is none";
    throw new CommandError(
      "STACK_NOT_FOUND",
      `there is no file of a stack \`${only}\`; ${known}`,
      "Give --stack a name that has a Pulumi.<stack>.yaml.",
    );
  }
  const wanted = files
    .filter(({ stack }) => only === undefined || stack === only)
    .sort((a, b) => (a.stack < b.stack ? -1 : 1));
  return Promise.all(
    wanted.map(async ({ name, stack }) => {
      const path = join(folder, name);
      return { stack, ...readStackFile(shownAs(path), await readFile(path, "utf8"), stack) };
    }),
  );
}
