import { MAX_NAME, MAX_REASON } from "../../model/facts/rotationDefaults.ts";
import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";
import { CommandError } from "../cli/errors.ts";
import { failuresOf } from "./outcome.ts";

interface RotateCommandOptions {
  readonly stack?: string;
  readonly force?: boolean;
  readonly restore?: boolean;
  readonly attest?: string;
  readonly by?: string;
  readonly end?: boolean;
  readonly dryRun?: boolean;
  readonly cancelLock?: boolean;
}

/** `keyturn rotate`: one tick of every ring; for cron, at any time, by any number of runners. */
export const rotate: Command<RotateCommandOptions> = {
  name: "rotate",
  describe: "move each ring on by at most one step, if it is time and the edge proves it",
  help: {
    examples: [
      "rotate --stack prod",
      "rotate storefront --force",
      "rotate storefront --restore --dry-run",
      "rotate storefront --end",
      'rotate storefront --attest "token log of today" --by "A. Writer"',
    ],
    exits: ["authentication", "resource", "policy", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("[rings...]", "rings to look at; default: all");
    addStackOption(command);
    command
      .option("--force", "begin a rotation now, due or not")
      .option("--restore", "write the ledger's keys over a foreign change at Cloudflare")
      .option(
        "--attest <reason>",
        "say how it was seen that issuers sign with the active key, where no sample can be had",
      )
      .option("--by <name>", "who says so, for --attest; both are kept in the ledger")
      .option("--end", "stop accepting issuers and audiences at once that the definitions no longer have")
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
    const attest = readAttestation(positional, options);
    const world = await openWorld(options.stack, io);
    if (options.cancelLock) io.err(`${await freeLock(world)}\n`);
    const result = await run(world, {
      ...(positional.length > 0 ? { rings: positional } : {}),
      force: options.force === true,
      restore: options.restore === true,
      end: options.end === true,
      dryRun: options.dryRun === true,
      ...(attest === undefined ? {} : { attest }),
    });
    return {
      data: result,
      text: renderRotation(result),
      failures: failuresOf(result.rings, result.refused, result.inFront),
    };
  },
};

/** An attestation is about one ring, says how, and has a name under it. */
function readAttestation(
  rings: readonly string[],
  { attest, by }: RotateCommandOptions,
): { readonly reason: string; readonly by: string } | undefined {
  if (attest === undefined && by === undefined) return undefined;
  if (rings.length !== 1 || !attest || !by) {
    throw new CommandError(
      "INPUT_MISSING",
      "an attestation needs one ring, --attest with how it was seen, and --by with a name",
      'For example: keyturn rotate shop --attest "token log of the issuer, 500 tokens of today" --by "A. Writer"',
    );
  }
  for (const [option, text, limit] of [
    ["--attest", attest, MAX_REASON],
    ["--by", by, MAX_NAME],
  ] as const) {
    if (text.length > limit)
      throw new CommandError(
        "INPUT_INVALID",
        `${option} has ${text.length} characters, the ledger keeps up to ${limit}`,
      );
  }
  return { reason: attest, by };
}
