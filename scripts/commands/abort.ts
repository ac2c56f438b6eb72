import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";
import { failuresOf } from "./outcome.ts";

interface AbortOptions {
  readonly stack?: string;
}

/** `keyturn abort`: give up a ring's pending key, which has never signed a production token. */
export const abort: Command<AbortOptions> = {
  name: "abort",
  describe: "give up the pending key of a ring; the active one stays",
  help: {
    examples: ["abort storefront", "abort storefront --stack prod --json"],
    exits: ["authentication", "resource", "policy", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("<ring>", "the ring");
    addStackOption(command);
  },
  async run({ positional, options }, io) {
    const [{ openWorld }, { rotate }, { renderRotation }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../rotate/rotate.ts"),
      import("../rotate/renderRotation.ts"),
    ]);
    const result = await rotate(await openWorld(options.stack, io), { rings: positional, abort: true });
    return {
      data: result,
      text: renderRotation(result),
      failures: failuresOf(result.rings, result.refused, result.inFront),
    };
  },
};
