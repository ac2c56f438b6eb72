import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readStdin } from "./io.ts";

const cancelled = {
  name: "CommandError",
  code: "CANCELLED",
  message: "interrupted while reading stdin",
};

describe("readStdin", () => {
  it("reads to the end, characters that are cut between chunks included", async () => {
    const stream = new PassThrough();
    const bytes = Buffer.from("tökèn\n");
    stream.write(bytes.subarray(0, 2));
    stream.end(bytes.subarray(2));
    expect(await readStdin(stream, new AbortController().signal)).toBe("tökèn\n");
  });

  it("ends when it is interrupted, and closes the stream", async () => {
    const stream = new PassThrough();
    const interruption = new AbortController();
    const reading = readStdin(stream, interruption.signal);
    stream.write("half");
    interruption.abort();
    await expect(reading).rejects.toMatchObject(cancelled);
    expect(stream.destroyed).toBe(true);
  });

  it("does not begin when it was interrupted before", async () => {
    const stream = new PassThrough();
    await expect(readStdin(stream, AbortSignal.abort())).rejects.toMatchObject(cancelled);
    expect(stream.destroyed).toBe(true);
  });
});
