import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";
import { failuresOf } from "./outcome.ts";

interface RotateCommandOptions {
  readonly stack?: string;
  readonly force?: boolean;
  readonly restore?: boolean;
  readonly dryRun?: boolean;
  readonly cancelLock?: boolean;
}

/** `keyturn rotate`: one tick of every ring; for cron, at any time, by any number of runners. */
export const rotate: Command<RotateCommandOptions> = {
  name: "rotate",
  describe: "move each ring on by at most one step, if it is time and the edge proves it",
  help: {
    examples: ["rotate --stack prod", "rotate storefront --force", "rotate storefront --restore --dry-run"],
    exits: ["authentication", "resource", "policy", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("[rings...]", "rings to look at; default: all");
    addStackOption(command);
    command
      .option("--force", "begin a rotation now, due or not")
      .option("--restore", "write the ledger's keys over a foreign change at Cloudflare")
      .option("--dry-run", "say what would be done, change nothing")
      .option("--cancel-lock", "free the lock of a run that is dead");
  },
  async run({ positional, options }, io) {
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
    return {
      data: result,
      text: renderRotation(result),
      failures: failuresOf(result.rings, result.refused),
    };
  },
};
