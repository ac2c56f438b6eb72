#!/usr/bin/env node
import { exitCodes } from "../model/codes/exitCodes.ts";
import { commands } from "./cli/commands.ts";
import { processIo } from "./cli/io.ts";
import { main } from "./cli/program.ts";

// The library `yaml` asks the environment once a token, and each time that is a call out of JavaScript.
process.env = { ...process.env };

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first one lets the command end in order; whoever asks again wants out.
    if (interruption.signal.aborted) process.exit(exitCodes.cancelled);
    interruption.abort();
  });
}
// A reader that closes early (`keyturn explain | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.ok);
});

process.exitCode = await main(process.argv.slice(2), processIo(interruption.signal), commands);
