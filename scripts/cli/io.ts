import type { RotationWorld } from "../rotate/world.ts";
import type { SignerSet } from "../token/signers.ts";

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
  /** The world of a stack, where it is another than the `pulumi` CLI's: the lab's. */
  readonly openWorld?: (stack: string | undefined) => Promise<RotationWorld>;
}
