import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";
import { failuresOf } from "./outcome.ts";

interface ForgetOptions {
  readonly stack?: string;
}

/** `keyturn forget`: give up a ring that no rule asks any more, so that the definitions may drop it. */
export const forget: Command<ForgetOptions> = {
  name: "forget",
  describe: "give up a ring that no deployed rule asks; the definitions may drop it then",
  help: {
    examples: ["forget storefront", "forget storefront --stack prod --json"],
    exits: ["authentication", "resource", "policy", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("<ring>", "the ring");
    addStackOption(command);
  },
  async run({ positional, options }, io) {
    const [{ openWorld }, { forget: run }, { renderForget }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/forget.ts"),
      import("../rotate/renderRotation.ts"),
    ]);
    const result = await run(await openWorld(options.stack, io), positional[0] ?? "");
    const { decision, refused } = result;
    const steps = decision === undefined ? [] : [{ decision, ...(result.run ? { run: result.run } : {}) }];
    return { data: result, text: renderForget(result), failures: failuresOf(steps, refused) };
  },
};
