import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface StatusOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

/** `keyturn status`: every ring's keys, and what comes next and when. Changes nothing. */
export const status: Command<StatusOptions> = {
  name: "status",
  describe: "show every ring's keys and what comes next",
  configure(command) {
    command.option("--stack <name>", "the Pulumi stack; default: the selected one");
  },
  async run({ options }, io): Promise<ExitCode> {
    const [{ openWorld }, { readStatus, renderStatus }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../status/status.ts"),
    ]);
    const status = await readStatus(await openWorld(options.stack, io));
    io.out(options.json ? successEnvelope("status", status) : renderStatus(status));
    return exitCodes.ok;
  },
};
