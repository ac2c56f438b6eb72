import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { RotationWorld } from "../rotate/world.ts";
import type { SignerSet } from "../token/signers.ts";
import { changesIn, type Watched } from "./changes.ts";
import { CommandError } from "./errors.ts";
import { asTyped } from "./print.ts";
import { type Ran, runCommand } from "./runCommand.ts";

/** Everything a command may touch. Tests hand in their own; `processIo` is the real one. */
export interface Io {
  /** Data: what a pipe or a script reads. */
  readonly out: (text: string) => void;
  /** Everything meant for a person: progress, warnings, errors. */
  readonly err: (text: string) => void;
  /** The whole of standard input as UTF-8. */
  readonly readStdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current time: the machine's, or the one of `--now`. */
  readonly now: () => Date;
  /** A fresh UUID (RFC 9562 version 4), for `jti`. */
  readonly newId: () => string;
  /** Absolute form of a path given on the command line. */
  readonly resolvePath: (path: string) => string;
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** The stack's secret output `signers`: per ring its active, pending and retiring keys. */
  readonly readSigners: (stack: string | undefined) => Promise<SignerSet>;
  /** Lets time pass between two looks at something that takes effect late. */
  readonly pause: (seconds: number) => Promise<void>;
  /** Runs a program, without a shell, with a text on stdin; `says` takes the lines of its stderr. */
  readonly command: (words: readonly string[], stdin: string, says: (line: string) => void) => Promise<Ran>;
  /** Says when a YAML file in one of these folders changed, until Ctrl-C. */
  readonly changes: (folders: readonly Watched[]) => AsyncIterable<void>;
  /** The world of a stack, where it is another than the `pulumi` CLI's: the lab's. */
  readonly openWorld?: (stack: string | undefined) => Promise<RotationWorld>;
}

/** Seconds in which the files of one change are all written. */
const CHANGE = 0.1;

/** The real process as `Io`. Colour is decided later, from `color` = whether the stream is a terminal. */
export function processIo(signal: AbortSignal): Io {
  const pause = (seconds: number) => new Promise<void>((resolve) => void setTimeout(resolve, seconds * 1000));
  return {
    out: (chunk) => void process.stdout.write(asTyped(chunk)),
    err: (chunk) => void process.stderr.write(asTyped(chunk)),
    readStdin: () => readStdin(process.stdin, signal),
    env: process.env,
    now: () => new Date(),
    newId: randomUUID,
    resolvePath: (path) => resolve(path),
    color: { out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
    signal,
    readSigners: async (stack) => {
      const { readStackSigners } = await import("../engine/stackSigners.ts");
      return readStackSigners(stack, { signal });
    },
    pause,
    command: (words, stdin, says) => runCommand(words, stdin, says, signal),
    changes: (folders) => changesIn(folders, signal, () => pause(CHANGE)),
  };
}

/**
 * The whole of a stream as UTF-8. Throws `CommandError` CANCELLED when the signal comes first, and then closes the
 * stream: an open standard input would keep the process alive.
 */
export async function readStdin(stream: Readable, signal: AbortSignal): Promise<string> {
  const cancelled = new CommandError("CANCELLED", "interrupted while reading stdin");
  const close = () => stream.destroy(cancelled);
  if (signal.aborted) close();
  signal.addEventListener("abort", close, { once: true });
  try {
    return await text(stream);
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** The text of a file that the command line names. Throws `CommandError` FILE_UNREADABLE. */
export async function readInputFile(path: string, io: Io): Promise<string> {
  try {
    return await readFile(io.resolvePath(path), "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new CommandError("FILE_UNREADABLE", `${path} cannot be read${reason ? ` (${reason})` : ""}`);
  }
}
