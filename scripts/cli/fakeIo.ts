import { resolve } from "node:path";
import type { Io } from "./io.ts";

/** An `Io` for tests that keeps what was written. */
export interface FakeIo extends Io {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Stands still at 2026-11-22T12:00:00Z unless told otherwise, reads an empty stdin, has no stack. */
export function fakeIo(parts: Partial<Io> & { readonly stdin?: string } = {}): FakeIo {
  const written = { out: "", err: "" };
  const { stdin = "", ...given } = parts;
  return {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    readStdin: async () => stdin,
    env: {},
    now: () => new Date("2026-11-22T12:00:00Z"),
    newId: () => "id-1",
    resolvePath: (path) => resolve(path),
    color: { out: false, err: false },
    signal: new AbortController().signal,
    readSigners: async () => ({}),
    pause: async () => undefined,
    command: async () => ({ exit: "ENOENT", stdout: "" }),
    changes: async function* () {},
    ...given,
    stdout: () => written.out,
    stderr: () => written.err,
  };
}
