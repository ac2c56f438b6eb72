import { Option } from "commander";
import type { Command } from "../cli/command.ts";

interface TryOptions {
  readonly example?: "shop";
}

/** `keyturn try`: the definitions on a local Cloudflare, from deploy to rotation under load; what `npm start` runs. */
export const tryOut: Command<TryOptions> = {
  name: "try",
  describe:
    "deploy rules/ to a local Cloudflare, send requests that follow from them, and rotate every ring under load",
  help: { examples: ["try", "try --example shop", "try --json"], exits: [], environment: [] },
  configure(command) {
    command.addOption(
      new Option("--example <name>", "an example instead of rules/, with its own table of verdicts").choices([
        "shop",
      ]),
    );
  },
  async run({ options: { json, example } }, io) {
    const { runTry } = await import("../../lab/try/try.ts");
    // What it does is printed as it goes on; under --json that is for the person who waits.
    const report = await runTry(json ? io.err : io.out, example);
    const failures = report.problems.map((message) => ({ code: "TRY_FOUND", message }));
    return { data: report, text: "", failures };
  },
};
