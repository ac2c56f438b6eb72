import { CommanderError, InvalidArgumentError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { Answer, Command, CommonOptions } from "./command.ts";
import { CommandError } from "./errors.ts";
import { helpData, helpText } from "./help.ts";
import type { Io } from "./io.ts";
import { Parser } from "./parser.ts";

/** Options of every command that the program itself looks at. */
export interface ProgramOptions extends CommonOptions {
  readonly now?: Date;
  readonly color?: boolean;
}

/** A command line, read. */
export interface Line {
  /** The command's name; empty where the line names none. */
  readonly name: string;
  readonly options: ProgramOptions;
  /** Everything that is wrong with it. */
  readonly problems: readonly Error[];
  /** Runs what it names: a command, the help or the version. To be called only where nothing is wrong. */
  readonly run: (io: Io) => Promise<Answer>;
}

/** What the groups of commands with two words are about. */
const groups: Readonly<Record<string, string>> = {
  token: "sign, verify and explain JWTs and signed links",
  lab: "the stack on a local Cloudflare in a folder: deploy, request, rotate, rehearse",
};

/** Reads a command line (without `node` and the script's name) to the end, whatever is wrong with it. */
export function readLine(argv: readonly string[], commands: readonly Command[]): Line {
  const root = rootOf();
  const found: Found = { name: "", problems: root.problems };
  root.configureHelp({
    showGlobalOptions: true,
    formatHelp: (cmd, helper) => {
      found.name = nameOf(cmd as Parser);
      const command = commands.find((each) => each.name === found.name);
      const data = helpData(cmd, helper, command);
      found.asked = { data, text: helpText(data) };
      return found.asked.text;
    },
  });
  for (const command of commands) register(root, command, found);
  try {
    root.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    endEarly(error, found, commands);
  }
  const { name, problems, asked, run } = found;
  const options = root.opts<ProgramOptions & { readonly version?: boolean }>();
  if (options.version) return { name, options, problems: [], run: version };
  if (asked !== undefined) return { name, options, problems: [], run: async () => asked };
  return { name, options, problems, run: run ?? (async () => Promise.reject(new Error("nothing to run"))) };
}

async function version(): Promise<Answer> {
  return { data: { version: manifest.version }, text: `${manifest.version}\n` };
}

interface Found {
  name: string;
  problems: readonly Error[];
  /** The help or the version, where one was asked for. */
  asked?: Answer | undefined;
  run?: Line["run"];
}

/** The common options belong to the root: commander finds them anywhere on the line. */
function rootOf(): Parser {
  const root = new Parser("keyturn");
  const nowhere = () => undefined;
  root
    .description("Access rules and keys for Cloudflare, declared in YAML and rotated without a lockout.")
    .helpOption("--help", "print this")
    .helpCommand(false)
    .option("--version", "print the version")
    .option("--json", "print the answer as JSON on stdout, whatever becomes of it")
    .option("--now <iso>", "take this as the current time, for example 2026-11-22T12:00:00Z", parseTime)
    .option("--quiet", "print no notes on stderr, only errors")
    .option("--verbose", "print more on stderr, with the stack of an internal error")
    .option("--color", "colour the output even where it is no terminal")
    .option("--no-color", "never colour the output")
    .exitOverride()
    .configureOutput({ writeOut: nowhere, writeErr: nowhere, outputError: nowhere });
  // commander makes true the default of `color` because `--no-color` exists; unset has to stay unset here.
  root.setOptionValueWithSource("color", undefined, "default");
  return root;
}

function register(root: Parser, command: Command, found: Found): void {
  const words = command.name.split(" ");
  const last = words.pop() as string;
  const leaf = words.reduce(group, root).command(last).description(command.describe) as Parser;
  leaf.helpOption("--help", "print this");
  command.configure(leaf);
  leaf.action(() => {
    const args = { positional: leaf.args, options: leaf.optsWithGlobals() as never };
    found.name = command.name;
    found.problems = [...root.problems, ...(command.problems?.(args) ?? [])];
    found.run = (io) => command.run(args, io);
  });
}

function group(parent: Parser, word: string): Parser {
  const existing = parent.commands.find((command) => command.name() === word);
  const made =
    existing ??
    parent
      .command(word)
      .description(groups[word] ?? "")
      .helpCommand(false);
  return made.helpOption("--help", "print this") as Parser;
}

/** commander ends with the help where it was asked for, and where no command is named. */
function endEarly(error: CommanderError, found: Found, commands: readonly Command[]): void {
  if (error.code === "commander.helpDisplayed") return;
  found.asked = undefined;
  if (found.problems.length > 0) return;
  const inside = commands.filter((command) => found.name === "" || command.name.startsWith(`${found.name} `));
  const names = inside.map((command) => command.name).join(", ");
  const what = found.name === "" ? "no command was named" : `\`${found.name}\` needs one more word`;
  found.problems = [new CommandError("USAGE", what, `Give one of: ${names}. \`keyturn --help\` says more.`)];
}

/** The words of a command without the program's own name. */
function nameOf(cmd: Parser): string {
  const words: string[] = [];
  for (let at: Parser | null = cmd; at?.parent; at = at.parent as Parser | null) words.unshift(at.name());
  return words.join(" ");
}

/** RFC 3339 with a zone: a time without one would mean something else on each machine. */
function parseTime(text: string): Date {
  const time = new Date(text);
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
  if (!shape.test(text) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError("Write a time with a zone, for example 2026-11-22T12:00:00Z.");
  }
  return time;
}
