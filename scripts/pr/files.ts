import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../cli/errors.ts";

/**
 * Writes files into a folder, which is made where there is none; what stands there under their names is replaced.
 *
 * @param shownAs how the folder is shown
 * @throws CommandError FILE_UNWRITABLE
 */
export function writeInto(folder: string, shownAs: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new CommandError("FILE_UNWRITABLE", `${shownAs} cannot be written (${code})`);
  }
}
