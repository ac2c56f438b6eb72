import { addStackOption, type Command } from "../cli/command.ts";
import { ofRotations } from "../cli/environment.ts";

interface StatusOptions {
  readonly stack?: string;
}

/** `keyturn status`: every ring's keys, and what comes next and when. Changes nothing. */
export const status: Command<StatusOptions> = {
  name: "status",
  describe: "show every ring's keys and what comes next",
  help: {
    examples: ["status", "status --stack prod --json"],
    exits: ["authentication", "resource", "stackNotFound"],
    environment: ofRotations,
  },
  configure: addStackOption,
  async run({ options }, io) {
    const [{ openWorld }, { readStatus, renderStatus }] = await Promise.all([
      import("../rotate/realWorld.ts"),
      import("../status/status.ts"),
    ]);
    const status = await readStatus(await openWorld(options.stack, io));
    return { data: status, text: renderStatus(status) };
  },
};
