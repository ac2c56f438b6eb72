import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { CommandError } from "./errors.ts";

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
