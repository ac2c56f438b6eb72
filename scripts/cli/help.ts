import type { Command as CommanderCommand, Help } from "commander";
import { type ExitName, exitCodes } from "../../model/codes/exitCodes.ts";
import type { Command } from "./command.ts";
import { variables } from "./environment.ts";

/** What an exit code means for whoever judges a command by it. */
const meanings: Readonly<Record<ExitName, string>> = {
  ok: "done, and the answer is yes",
  error: "it did not work, or must not be done now; the code says why",
  configuration: "the command line, a setting or a definition is wrong",
  authentication: "a token or link is refused; a login, a passphrase or a permission is missing",
  resource: "Cloudflare refused or failed, or holds something else than it should",
  policy: "what was asked for is not allowed",
  stackNotFound: "there is no such stack",
  noChanges: "there was nothing to do",
  cancelled: "interrupted",
  timeout: "it took too long",
  internal: "keyturn itself failed",
};

/** What every command has besides its own. */
const common = {
  exits: ["ok", "error", "configuration", "cancelled", "internal"],
  environment: ["NO_COLOR", "FORCE_COLOR"],
} as const;

/** Everything that `--help` says of one command, as `--help --json` answers it. */
export interface HelpData {
  readonly usage: string;
  readonly describe: string;
  readonly commands?: readonly Term[];
  readonly arguments: readonly Term[];
  readonly options: readonly Term[];
  readonly examples: readonly string[];
  readonly exitCodes: readonly (Term & { readonly exitCode: number })[];
  readonly environment: readonly Term[];
}

interface Term {
  readonly name: string;
  readonly meaning: string;
}

/** @param command the one of ours that commander's belongs to; a group or the root has none */
export function helpData(cmd: CommanderCommand, helper: Help, command: Command | undefined): HelpData {
  const exits = inOrder([...common.exits, ...(command?.help.exits ?? [])]);
  const names = [...(command?.help.environment ?? []), ...common.environment];
  const commands = helper.visibleCommands(cmd).map((each) => ({
    name: helper.subcommandTerm(each),
    meaning: helper.subcommandDescription(each),
  }));
  const options = [...helper.visibleOptions(cmd), ...helper.visibleGlobalOptions(cmd)];
  return {
    usage: helper.commandUsage(cmd),
    describe: helper.commandDescription(cmd),
    ...(commands.length === 0 ? {} : { commands }),
    arguments: helper.visibleArguments(cmd).map((each) => ({
      name: helper.argumentTerm(each),
      meaning: helper.argumentDescription(each),
    })),
    options: options.map((each) => ({
      name: helper.optionTerm(each),
      meaning: helper.optionDescription(each),
    })),
    examples: (command?.help.examples ?? ["check", "status --stack prod", "explain RING_MISSING"]).map(
      (example) => `npx keyturn ${example}`,
    ),
    exitCodes: exits.map((name) => ({ name, exitCode: exitCodes[name], meaning: meanings[name] })),
    environment: names.map((name) => ({ name, meaning: variables[name] })),
  };
}

/** The same as text, 110 columns wide at most where words allow it. */
export function helpText(data: HelpData): string {
  const sections = [
    `Usage: ${data.usage}`,
    ...(data.describe === "" ? [] : [data.describe]),
    ...list("Commands", data.commands ?? []),
    ...list("Arguments", data.arguments),
    ...list("Options", data.options),
    `Examples:\n${data.examples.map((line) => `  ${line}`).join("\n")}`,
    ...list(
      "Exit codes",
      data.exitCodes.map(({ exitCode, meaning }) => ({ name: String(exitCode), meaning })),
    ),
    ...list("Environment", data.environment),
  ];
  return `${sections.join("\n\n")}\n`;
}

function list(title: string, terms: readonly Term[]): string[] {
  if (terms.length === 0) return [];
  const width = Math.max(...terms.map(({ name }) => name.length));
  return [`${title}:\n${terms.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}`).join("\n")}`];
}

function inOrder(names: readonly ExitName[]): readonly ExitName[] {
  return [...new Set(names)].sort((a, b) => exitCodes[a] - exitCodes[b]);
}
