import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What a program answered: its exit code, or why it has none, such as ENOENT or SIGTERM. */
export interface Ran {
  readonly exit: number | string;
  readonly stdout: string;
}

/** How long a program may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Runs a program with a text on stdin. No shell reads the words.
 *
 * @param says takes what it writes to stderr, line by line
 */
export function runCommand(
  [file = "", ...args]: readonly string[],
  stdin: string,
  says: (line: string) => void,
  signal: AbortSignal,
): Promise<Ran> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const ended = (exit: number | string) => resolve({ exit, stdout: Buffer.concat(chunks).toString() });
    const child = spawn(file, args, {
      stdio: ["pipe", "pipe", "pipe"],
      shell: false,
      signal,
      timeout: TIMEOUT_MS,
    });
    child.on("error", (error: NodeJS.ErrnoException) => ended(error.code ?? error.name));
    child.on("close", (code, by) => ended(code ?? by ?? "no exit code"));
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    createInterface(child.stderr).on("line", says);
    // One that does not read what it is asked may close the pipe early.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}
