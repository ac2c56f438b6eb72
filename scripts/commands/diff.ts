import type { Command } from "../cli/command.ts";
import { addFormatOption, formatProblems } from "../cli/format.ts";
import type { FormatName } from "../diff/formats.ts";

interface DiffOptions {
  readonly project?: string;
  readonly stack?: string;
  readonly format?: FormatName;
}

const FORMATS: readonly FormatName[] = ["text", "json", "markdown"];

/** `keyturn diff`: what two folders of definitions say and answer differently; reads nothing but files. */
export const diff: Command<DiffOptions> = {
  name: "diff",
  describe:
    "compare two folders of definitions: what was added, removed, moved and changed, and which requests get another verdict; the exit code is 0 with differences, too",
  help: {
    examples: ["diff ../main/rules rules", "diff old new --stack prod --format markdown"],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command
      .argument("<before>", "folder of the definitions as they were")
      .argument("<after>", "folder of the definitions as they shall be")
      .option("--project <folder>", "folder with the stacks' files (default: this project)")
      .option("--stack <name>", "compare for this stack only; default: for every Pulumi.<stack>.yaml");
    addFormatOption(command, FORMATS);
  },
  problems: ({ options }) => formatProblems(options),
  async run({ positional: [before = "", after = ""], options }, io) {
    const { format = "text" } = options;
    const [{ diffProject }, { formats }, { projectFolder, readRuleFiles }, { relative }] = await Promise.all([
      import("../diff/diffProject.ts"),
      import("../diff/formats.ts"),
      import("../check/ruleFiles.ts"),
      import("node:path"),
    ]);
    const shownAs = (path: string) => relative(io.resolvePath("."), path) || ".";
    const read = (name: string) => {
      const folder = io.resolvePath(name);
      return readRuleFiles(folder, shownAs(folder), "or none");
    };
    const data = await diffProject({
      before: read(before),
      after: read(after),
      project: io.resolvePath(options.project ?? projectFolder),
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      shownAs,
    });
    return { data, text: format === "json" ? "" : formats[format](data) };
  },
};
