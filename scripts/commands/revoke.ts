import { MAX_REASON } from "../../model/facts/rotationDefaults.ts";
import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";
import { CommandError } from "../cli/errors.ts";
import { failuresOf } from "./outcome.ts";

interface RevokeCommandOptions {
  readonly stack?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** `keyturn revoke`: the emergency; the key's tokens are refused from then on. */
export const revoke: Command<RevokeCommandOptions> = {
  name: "revoke",
  describe: "take a key away at once, after a substitute was published; its tokens are refused",
  help: {
    examples: [
      "revoke storefront --key k3 --yes",
      'revoke storefront --key k3 --reason "laptop stolen" --stack prod --yes',
    ],
    exits: ["authentication", "resource", "policy", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("<ring>", "the ring");
    addStackOption(command);
    command
      .option("--key <name>", "the key, for example k3; `keyturn status` shows them")
      .option("--reason <text>", `kept in the ledger, ${MAX_REASON} characters at most; no secrets`)
      .option("--yes", "do not ask: this refuses every token of the key");
  },
  problems({ positional, options }) {
    const { key, reason = "", yes } = options;
    const wrong: CommandError[] = [];
    // Without a name, a second run of the same command would revoke the key that has just taken over.
    if (key === undefined)
      wrong.push(
        new CommandError("INPUT_MISSING", "which key?", "Name it with --key; `keyturn status` shows them."),
      );
    if (!yes) {
      const message = `revoking refuses every token of ring ${positional[0] ?? ""}'s key at once`;
      wrong.push(new CommandError("INPUT_MISSING", message, "Add --yes to do it."));
    }
    if (reason.length > MAX_REASON) {
      const message = `--reason has ${reason.length} characters, the ledger keeps ${MAX_REASON} at most`;
      wrong.push(
        new CommandError("INPUT_INVALID", message, "Shorten it, for example to the number of a report."),
      );
    }
    return wrong;
  },
  async run({ positional, options }, io) {
    const [{ openWorld }, { revoke: run }, { renderRevocation }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/revoke.ts"),
      import("../rotate/renderRotation.ts"),
    ]);
    const result = await run(await openWorld(options.stack, io), {
      ring: positional[0] ?? "",
      ...(options.key === undefined ? {} : { key: options.key }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      pause: io.pause,
    });
    return {
      data: result,
      text: renderRevocation(result),
      failures: failuresOf(result.runs, result.refused),
    };
  },
};
