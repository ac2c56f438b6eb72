import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../scripts/cli/errors.ts";

/**
 * Takes the lab's folder for this process, and makes it where it is missing, for its owner alone. The lock of a process that is gone is no lock: a killed run leaves one.
 *
 * @returns gives it back
 * @throws CommandError LAB_BUSY
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "in-use");
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = holderOf(file);
    if (holder !== undefined && isAlive(holder)) throw busy(folder, holder);
    // Moved away under a name of our own, so that of two processes only one removes the same dead lock.
    const dead = `${file}.${process.pid}`;
    try {
      renameSync(file, dead);
      rmSync(dead);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw busy(folder, undefined);
}

function busy(folder: string, holder: number | undefined): CommandError {
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new CommandError("LAB_BUSY", `${who} is working in ${folder}`);
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
