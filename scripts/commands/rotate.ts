import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface RotateCommandOptions {
  readonly stack?: string;
  readonly force?: boolean;
  readonly restore?: boolean;
  readonly dryRun?: boolean;
  readonly cancelLock?: boolean;
  readonly json?: boolean;
}

/** `keyturn rotate`: one tick of every ring; for cron, at any time, by any number of runners. */
export const rotate: Command<RotateCommandOptions> = {
  name: "rotate",
  describe: "move each ring on by at most one step, if it is time and the edge proves it",
  configure(command) {
    command
      .argument("[rings...]", "rings to look at; default: all")
      .option("--stack <name>", "the Pulumi stack; default: the selected one")
      .option("--force", "begin a rotation now, due or not")
      .option("--restore", "write the ledger's keys over a foreign change at Cloudflare")
      .option("--dry-run", "say what would be done, change nothing")
      .option("--cancel-lock", "free the lock of a run that is dead");
  },
  async run({ positional, options }, io): Promise<ExitCode> {
    const [{ openWorld }, { rotate: run }, { renderRotation }, { freeLock }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/rotate.ts"),
      import("../rotate/renderRotation.ts"),
      import("../rotate/freeLock.ts"),
    ]);
    const world = await openWorld(options.stack, io);
    if (options.cancelLock) io.err(`${await freeLock(world)}\n`);
    const result = await run(world, {
      ...(positional.length > 0 ? { rings: positional } : {}),
      force: options.force === true,
      restore: options.restore === true,
      dryRun: options.dryRun === true,
    });
    io.out(options.json ? successEnvelope("rotate", result, result.ok) : renderRotation(result));
    return result.ok ? exitCodes.ok : exitCodes.error;
  },
};
