import type { Command } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";

interface InitOptions {
  readonly openapi: string;
  readonly out?: string;
  readonly ring?: string;
}

/** `keyturn init`: definitions drafted from an OpenAPI document, as files that do not exist yet. */
export const init: Command<InitOptions> = {
  name: "init",
  describe: "draft definitions from an OpenAPI 3.0 or 3.1 document; overwrites nothing",
  help: {
    examples: ["init --openapi api.json", "init --openapi api.yaml --out drafts --ring main"],
    exits: [],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .requiredOption("--openapi <file>", "the document, YAML or JSON")
      .option("--out <folder>", "where the files go (KEYTURN_RULES; default: rules/ of the project)")
      .option(
        "--ring <id>",
        "a ring that exists and signs all of its tokens; default: a new one for each scheme",
      );
  },
  async run({ options }, io) {
    const [{ readOpenapiFile }, { draftDefinitions }, { formatProblems }, { namesIn, writeNew }, { join }] =
      await Promise.all([
        import("../check/openapiFile.ts"),
        import("../../model/openapi/draft.ts"),
        import("../../model/problem/problem.ts"),
        import("../check/newFiles.ts"),
        import("node:path"),
      ]);
    const api = await readOpenapiFile(options.openapi, io);
    const folder =
      options.out ??
      io.env.KEYTURN_RULES ??
      join((await import("../check/ruleFiles.ts")).projectFolder, "rules");
    const taken = namesIn(io.resolvePath(folder), folder);
    if (options.ring !== undefined && taken.rings.size > 0 && !taken.rings.has(options.ring)) {
      const known = [...taken.rings].join(", ");
      throw new CommandError(
        "INPUT_INVALID",
        `${folder} defines no ring ${options.ring}; there are ${known}`,
      );
    }
    const ring = options.ring === undefined ? {} : { ring: options.ring };
    const { files, notices, ...counts } = draftDefinitions(api, { ...ring, taken });
    const written = files.map(({ name, text }) => ({ name: join(folder, name), text }));
    writeNew(written.map(({ name, text }) => ({ path: io.resolvePath(name), shownAs: name, text })));
    if (notices.length > 0) io.err(`${formatProblems(notices)}\n`);
    io.err(
      `${api.operations.length} operations: ${counts.rules} rules, ${counts.open} open, ${counts.unsaid} left out\n`,
    );
    return {
      data: { files: written.map(({ name }) => name), operations: api.operations.length, ...counts, notices },
      text: written.map(({ name }) => `${name}\n`).join(""),
    };
  },
};
