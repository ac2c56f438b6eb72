import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Io } from "./io.ts";
import { readStdin } from "./readStdin.ts";

/** The real process as `Io`. Colour is decided later, from `color` = whether the stream is a terminal. */
export function processIo(signal: AbortSignal): Io {
  return {
    out: (chunk) => void process.stdout.write(chunk),
    err: (chunk) => void process.stderr.write(chunk),
    readStdin: () => readStdin(process.stdin, signal),
    env: process.env,
    now: () => new Date(),
    newId: randomUUID,
    resolvePath: (path) => resolve(path),
    color: { out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
    signal,
    readSigners: async (stack) => {
      const { readStackSigners } = await import("./stackSigners.ts");
      return readStackSigners(stack, { signal });
    },
    pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  };
}
