import { readFile } from "node:fs/promises";
import { CommandError } from "./errors.ts";
import type { Io } from "./io.ts";

/** The text of a file that the command line names. Throws `CommandError` FILE_UNREADABLE. */
export async function readInputFile(path: string, io: Io): Promise<string> {
  try {
    return await readFile(io.resolvePath(path), "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new CommandError("FILE_UNREADABLE", `${path} cannot be read${reason ? ` (${reason})` : ""}`);
  }
}
