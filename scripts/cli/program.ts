import { Command as CommanderCommand, InvalidArgumentError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { wantsColor } from "./color.ts";
import type { Command, CommonOptions } from "./command.ts";
import { failureEnvelope } from "./envelope.ts";
import { isInformative, reportOf } from "./errorReport.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import type { Io } from "./io.ts";
import { maskSecrets } from "./mask.ts";
import { renderError } from "./renderError.ts";

/** What the groups of commands with two words are about. */
const groups: Readonly<Record<string, string>> = {
  token: "sign, verify and explain JWTs and signed links",
  jwks: "mirror the key sets of identity providers",
};

interface ParsedOptions extends CommonOptions {
  readonly now?: Date;
  readonly color?: boolean;
}

/**
 * Runs one command line (without `node` and the script's name) and answers the exit code. Nothing here ends
 * the process; everything goes through `io`, and all text for stderr is masked.
 */
export async function main(
  argv: readonly string[],
  host: Io,
  commands: readonly Command[],
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  let running = "";
  const io: Io = { ...host, err: (text) => host.err(maskSecrets(text)) };
  const root = new CommanderCommand("keyturn")
    .description("Access rules and keys for Cloudflare, declared in YAML and rotated without a lockout.")
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined });
  for (const command of commands) {
    register(root, command, async (positional, options) => {
      running = command.name;
      exitCode =
        (await command.run({ positional, options: options as never }, ioFor(io, options))) ?? exitCodes.ok;
    });
  }
  try {
    await root.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return fail(error, running, argv, io);
  }
}

function register(
  root: CommanderCommand,
  command: Command,
  run: (positional: readonly string[], options: ParsedOptions) => Promise<void>,
): void {
  const words = command.name.split(" ");
  const last = words.pop() as string;
  const parent = words.reduce(group, root);
  const leaf = parent.command(last).description(command.describe);
  command.configure(leaf);
  leaf
    .option("--json", "print the answer as JSON on stdout")
    .option("--now <iso>", "take this as the current time, for example 2026-11-22T12:00:00Z", parseTime)
    .option("--quiet", "print no notes on stderr, only errors")
    .option("--verbose", "print more on stderr, with the stack of an internal error")
    .option("--color", "colour the output even where it is no terminal")
    .option("--no-color", "never colour the output");
  // commander makes true the default of `color` because `--no-color` exists; unset has to stay unset here.
  leaf.setOptionValueWithSource("color", undefined, "default");
  leaf.action(() => run(leaf.args, leaf.opts<ParsedOptions>()));
}

function group(parent: CommanderCommand, word: string): CommanderCommand {
  const existing = parent.commands.find((command) => command.name() === word);
  return existing ?? parent.command(word).description(groups[word] ?? `commands about ${word}`);
}

function ioFor(io: Io, options: ParsedOptions): Io {
  const { now } = options;
  return {
    ...io,
    ...(now ? { now: () => now } : {}),
    ...(options.quiet ? { err: () => undefined } : {}),
    color: {
      out: wantsColor(options.color, io.env, io.color.out),
      err: wantsColor(options.color, io.env, io.color.err),
    },
  };
}

function fail(error: unknown, running: string, argv: readonly string[], io: Io): ExitCode {
  if (isInformative(error)) return exitCodes.ok;
  const report = reportOf(error);
  const color = wantsColor(colorFlag(argv), io.env, io.color.err);
  // Without a command commander has printed the help already; that says it all.
  if (report.message !== "(outputHelp)") io.err(renderError(report, color));
  if (report.code === "INTERNAL" && argv.includes("--verbose") && error instanceof Error) {
    io.err(`${error.stack ?? ""}\n`);
  }
  if (argv.includes("--json")) {
    io.out(maskSecrets(failureEnvelope(running, report)));
  }
  return report.exitCode;
}

function colorFlag(argv: readonly string[]): boolean | undefined {
  if (argv.includes("--no-color")) return false;
  return argv.includes("--color") ? true : undefined;
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
