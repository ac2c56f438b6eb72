import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface TryOptions {
  readonly json?: boolean;
}

/** `keyturn try`: the example on a local Cloudflare, from deploy to rotation under load; what `npm start` runs. */
export const tryOut: Command<TryOptions> = {
  name: "try",
  describe: "deploy the example to a local Cloudflare, send requests, and rotate every ring under load",
  configure() {},
  async run({ options }, io): Promise<ExitCode> {
    const { runTry } = await import("../../lab/try/try.ts");
    const report = await runTry(options.json ? io.err : io.out);
    const ok = report.problems.length === 0;
    if (options.json) io.out(successEnvelope("try", report, ok));
    return ok ? exitCodes.ok : exitCodes.error;
  },
};
