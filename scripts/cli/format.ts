import { type Command as CommanderCommand, Option } from "commander";
import type { CommandArgs } from "./command.ts";
import { CommandError } from "./errors.ts";

/** `--format` of commands that print in several forms; `--format json` is what `--json` is. */
export function addFormatOption(command: CommanderCommand, formats: readonly string[]): void {
  command
    .addOption(new Option("--format <format>", "form of the output").choices(formats))
    .on("option:format", (format: string) => {
      if (format === "json") command.parent?.setOptionValue("json", true);
    });
}

/** What is wrong where `--json` and another form are asked for at once. */
export function formatProblems({
  json,
  format,
}: CommandArgs<{ readonly format?: string }>["options"]): readonly CommandError[] {
  if (!json || format === undefined || format === "json") return [];
  const hint = "Leave --format out: --json prints JSON.";
  return [new CommandError("INPUT_CONFLICT", `--json and --format ${format}`, hint)];
}
