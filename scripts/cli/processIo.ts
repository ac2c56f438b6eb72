import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { CommandError } from "./errors.ts";
import type { Io } from "./io.ts";

/** The real process as `Io`. Colour is decided later, from `color` = whether the stream is a terminal. */
export function processIo(signal: AbortSignal): Io {
  return {
    out: (chunk) => void process.stdout.write(chunk),
    err: (chunk) => void process.stderr.write(chunk),
    readStdin: () => readStdin(signal),
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
  };
}

async function readStdin(signal: AbortSignal): Promise<string> {
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener(
      "abort",
      () => reject(new CommandError("CANCELLED", "interrupted while reading stdin")),
      {
        once: true,
      },
    );
  });
  return Promise.race([text(process.stdin), cancelled]);
}
