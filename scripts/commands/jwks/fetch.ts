import { addStackOption, type Command } from "../../cli/command.ts";
import { ofRotations } from "../../cli/environment.ts";
import { failuresOf } from "../outcome.ts";

interface FetchCommandOptions {
  readonly stack?: string;
  readonly rules?: string;
  readonly dryRun?: boolean;
}

/** `keyturn jwks fetch`: takes the public keys of somebody else's set that the ledger does not have. */
export const jwksFetch: Command<FetchCommandOptions> = {
  name: "jwks fetch",
  describe: "fetch the public keys of a ring with `from`, and take those that are new",
  help: {
    examples: ["jwks fetch staff --stack prod", "jwks fetch staff --dry-run"],
    exits: ["authentication", "resource", "stackNotFound"],
    environment: ofRotations,
  },
  configure(command) {
    command.argument("<ring>", "the ring");
    addStackOption(command);
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--dry-run", "fetch and say what would be taken, change nothing");
  },
  async run({ positional, options }, io) {
    const [
      { openWorld },
      { fetchKeys, renderFetch },
      { getWith, readerIn },
      { MAX_SET_BYTES },
      { projectFolder },
      { join },
    ] = await Promise.all([
      import("../../rotate/realWorld.ts"),
      import("../../jwks/fetchKeys.ts"),
      import("../../jwks/get.ts"),
      import("../../../model/mirror/readSet.ts"),
      import("../../check/ruleFiles.ts"),
      import("node:path"),
    ]);
    const rules = options.rules ?? io.env.KEYTURN_RULES;
    const folder = rules === undefined ? join(projectFolder, "rules") : io.resolvePath(rules);
    const result = await fetchKeys(await openWorld(options.stack, io), {
      ring: positional[0] ?? "",
      rules: folder,
      read: readerIn(folder),
      get: getWith(fetch, MAX_SET_BYTES),
      dryRun: options.dryRun === true,
    });
    const { decision, run, refused } = result;
    return {
      data: result,
      text: renderFetch(result),
      failures: failuresOf(decision === undefined ? [] : [{ decision, ...(run ? { run } : {}) }], refused),
    };
  },
};
