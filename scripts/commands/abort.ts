import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface AbortOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

/** `keyturn abort`: give up a ring's pending key, which has never signed a production token. */
export const abort: Command<AbortOptions> = {
  name: "abort",
  describe: "give up the pending key of a ring; the active one stays",
  configure(command) {
    command
      .argument("<ring>", "the ring")
      .option("--stack <name>", "the Pulumi stack; default: the selected one");
  },
  async run({ positional, options }, io): Promise<ExitCode> {
    const [{ openWorld }, { rotate }, { renderRotation }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/rotate.ts"),
      import("../rotate/renderRotation.ts"),
    ]);
    const result = await rotate(await openWorld(options.stack, io), { rings: positional, abort: true });
    io.out(options.json ? successEnvelope("abort", result, result.ok) : renderRotation(result));
    return result.ok ? exitCodes.ok : exitCodes.error;
  },
};
