import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { CommandError } from "../cli/errors.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface RevokeCommandOptions {
  readonly stack?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `keyturn revoke`: the emergency; the key's tokens are refused from then on. */
export const revoke: Command<RevokeCommandOptions> = {
  name: "revoke",
  describe: "take a key away at once, after a substitute was published; its tokens are refused",
  configure(command) {
    command
      .argument("<ring>", "the ring")
      .option("--stack <name>", "the Pulumi stack; default: the selected one")
      .option("--key <name>", "the key, for example k3; `keyturn status` shows them")
      .option("--reason <text>", "kept in the ledger; no secrets")
      .option("--yes", "do not ask: this refuses every token of the key");
  },
  async run({ positional, options }, io): Promise<ExitCode> {
    const ring = positional[0] ?? "";
    // Without a name, a second run of the same command would revoke the key that has just taken over.
    if (options.key === undefined) {
      throw new CommandError(
        "INPUT_MISSING",
        "which key?",
        "Name it with --key; `keyturn status` shows them.",
      );
    }
    if (!options.yes) {
      throw new CommandError(
        "INPUT_MISSING",
        `revoking refuses every token of ring ${ring}'s key at once`,
        "Add --yes to do it.",
      );
    }
    const [{ openWorld }, { revoke: run }, { renderRevocation }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/revoke.ts"),
      import("../rotate/renderRotation.ts"),
    ]);
    const result = await run(await openWorld(options.stack, io), {
      ring,
      key: options.key,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      pause: io.pause,
    });
    io.out(options.json ? successEnvelope("revoke", result, result.ok) : renderRevocation(result));
    return result.ok ? exitCodes.ok : exitCodes.error;
  },
};
