import type { FormatName } from "../check/formats.ts";
import type { Command } from "../cli/command.ts";
import { addFormatOption, formatProblems } from "../cli/format.ts";
import { readInputFile } from "../cli/io.ts";

interface CheckOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly stack?: string;
  readonly openapi?: string;
  readonly format?: FormatName;
}

const FORMATS: readonly FormatName[] = ["text", "json", "sarif", "github", "junit"];

/** `keyturn check`: every problem in the definitions, for each stack; reads nothing but files. */
export const check: Command<CheckOptions> = {
  name: "check",
  describe: "report every problem in the definitions; reads nothing but files",
  help: {
    examples: [
      "check",
      "check --stack prod --json",
      "check --rules rules --format sarif",
      "check --openapi api.yaml",
    ],
    exits: ["stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with Pulumi.yaml and the stacks' files (default: this project)")
      .option("--stack <name>", "check for this stack only; default: for every Pulumi.<stack>.yaml");
    command.option("--openapi <file>", "say how the definitions and an OpenAPI document differ, too");
    addFormatOption(command, FORMATS);
  },
  problems: ({ options }) => formatProblems(options),
  async run({ options }, io) {
    const { format = "text" } = options;
    const [{ checkProject }, { formats }, { relative }] = await Promise.all([
      import("../check/checkProject.ts"),
      import("../check/formats.ts"),
      import("node:path"),
    ]);
    const project = options.project ?? (await import("../check/ruleFiles.ts")).projectFolder;
    const { openapi } = options;
    const rules = options.rules ?? io.env.KEYTURN_RULES;
    const report = await checkProject({
      project: io.resolvePath(project),
      ...(rules === undefined ? {} : { rules: io.resolvePath(rules) }),
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      ...(openapi === undefined
        ? {}
        : { openapi: { path: openapi, text: await readInputFile(openapi, io) } }),
      today: io.now().toISOString().slice(0, 10),
      shownAs: (path) => relative(io.resolvePath("."), path) || ".",
    });
    const { result } = report;
    const { errors, warnings } = result;
    const stacks = result.stacks.join(", ") || "none";
    const counted = `${count(errors, "error")}, ${count(warnings, "warning")}`;
    const ignored = result.suppressed.length === 0 ? "" : `, ${result.suppressed.length} ignored`;
    io.err(`${count(result.files.length, "file")}, stacks ${stacks}: ${counted}${ignored}\n`);
    return {
      data: result,
      text: format === "json" ? "" : formats[format](report),
      failures: errors === 0 ? [] : [{ code: "DEFINITIONS_INVALID", message: counted }],
    };
  },
};

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
