import { Option } from "commander";
import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { exitCodes } from "../cli/exitCodes.ts";

interface CheckOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly stack?: string;
  readonly format?: "text" | "json" | "github";
  readonly json?: boolean;
}

/** `keyturn check`: every problem in the definitions, for each stack; reads nothing but files. */
export const check: Command<CheckOptions> = {
  name: "check",
  describe: "report every problem in the definitions; reads nothing but files",
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with Pulumi.yaml and the stacks' files (default: this project)")
      .option("--stack <name>", "check for this stack only; default: for every Pulumi.<stack>.yaml")
      .addOption(new Option("--format <format>", "form of the output").choices(["text", "json", "github"]));
  },
  async run({ options }, io) {
    const [{ checkProject }, { asGithub, asText }, { relative }] = await Promise.all([
      import("../check/checkProject.ts"),
      import("../check/formatCheck.ts"),
      import("node:path"),
    ]);
    const project = options.project ?? (await import("../check/projectFolder.ts")).projectFolder;
    const rules = options.rules ?? io.env.KEYTURN_RULES;
    const result = await checkProject({
      project: io.resolvePath(project),
      ...(rules === undefined ? {} : { rules: io.resolvePath(rules) }),
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      shownAs: (path) => relative(io.resolvePath("."), path) || ".",
    });
    const { problems, errors, warnings } = result;
    const format = options.json ? "json" : (options.format ?? "text");
    if (format === "json") io.out(successEnvelope("check", result, errors === 0));
    else io.out(format === "github" ? asGithub(problems) : asText(problems));
    const stacks = result.stacks.join(", ") || "none";
    io.err(
      `${count(result.files.length, "file")}, stacks ${stacks}: ${count(errors, "error")}, ${count(warnings, "warning")}\n`,
    );
    return errors === 0 ? exitCodes.ok : exitCodes.configuration;
  },
};

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
