import { InvalidArgumentError, Option } from "commander";
import { type Bound, readBound } from "../../model/environment/bound.ts";
import type { Command, Failure } from "../cli/command.ts";
import { addFormatOption, formatProblems } from "../cli/format.ts";
import type { FormatName } from "../diff/formats.ts";

interface DiffOptions {
  readonly project?: string;
  readonly rules?: string;
  readonly stack?: string;
  readonly format?: FormatName;
  readonly atMost?: Bound;
}

const FORMATS: readonly FormatName[] = ["text", "json", "markdown"];

/** `keyturn diff`: what two folders or revisions of definitions say and answer differently; reaches no network. */
export const diff: Command<DiffOptions> = {
  name: "diff",
  describe:
    "compare definitions in two folders or git revisions: what was added, removed, moved and changed, and which requests get another verdict; the exit code is 0 with differences, too",
  help: {
    examples: [
      "diff main",
      "diff v1.2 HEAD --stack prod --format markdown",
      "diff main:rules ../other/rules",
      "diff main --at-most 10%",
    ],
    exits: ["policy", "stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .argument("<before>", "the definitions as they were: a folder, REV or REV:path")
      .argument("[after]", "the definitions as they shall be; default: the folder of the definitions")
      .option(
        "--rules <folder>",
        "folder of the definitions, here and in a revision (KEYTURN_RULES; default: rules/ of the project)",
      )
      .option("--project <folder>", "folder with the stacks' files (default: this project)")
      .option("--stack <name>", "compare for this stack only; default: for every Pulumi.<stack>.yaml")
      .addOption(
        new Option(
          "--at-most <amount>",
          "fail where more endpoints open or close: a number, or with % of those there were",
        ).argParser(bound),
      );
    addFormatOption(command, FORMATS);
  },
  problems: ({ options }) => formatProblems(options),
  async run({ positional: [before, after], options }, io) {
    const { format = "text", atMost } = options;
    const [{ diffProject }, { readSide, usualFolder }, { formats }, { projectFolder }, { relative }] =
      await Promise.all([
        import("../diff/diffProject.ts"),
        import("../diff/sides.ts"),
        import("../diff/formats.ts"),
        import("../check/ruleFiles.ts"),
        import("node:path"),
      ]);
    const project = io.resolvePath(options.project ?? projectFolder);
    const rules = usualFolder({ rules: options.rules, project }, io);
    const data = await diffProject({
      before: readSide(before, rules, io),
      after: readSide(after, rules, io),
      project,
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      atMost,
      shownAs: (path) => relative(io.resolvePath("."), path) || ".",
    });
    const failures = data.flatMap(({ stacks, tooMany }): readonly Failure[] =>
      tooMany === undefined
        ? []
        : [{ code: "CHANGES_TOO_MANY", message: `${stacks.join(", ")}: ${tooMany.message}` }],
    );
    return { data, text: format === "json" ? "" : formats[format](data), failures };
  },
};

/** A bound, as an option gives it. */
export function bound(text: string): Bound {
  const read = readBound(text);
  if (read === undefined) throw new InvalidArgumentError("Write a number, or one with %, such as 25 or 10%.");
  return read;
}
