import { type Command as CommanderCommand, Option } from "commander";
import type { ExitName } from "../../model/codes/exitCodes.ts";
import type { VariableName } from "./environment.ts";
import type { CommandError } from "./errors.ts";
import type { Io } from "./io.ts";

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** What the command line said, parsed. */
export interface CommandArgs<Options> {
  readonly positional: readonly string[];
  readonly options: Options & CommonOptions;
}

/** A reason why the work was not done, or why the answer is no: a row of the code table and the particulars. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do; the code's remedy when left out. */
  readonly hint?: string | undefined;
}

/** What a command answers. How it is printed and what the process exits with is the program's business. */
export interface Answer {
  /** The answer for a machine: `data` of the envelope under `--json`. */
  readonly data: unknown;
  /** The same for a person. */
  readonly text: string;
  /** None means ok; the exit code is the first one's. `text` says them too. */
  readonly failures?: readonly Failure[];
  /** Goes on after the answer was printed, until Ctrl-C. */
  readonly serve?: () => Promise<void>;
}

/** What `--help` shows below the options, apart from what holds for every command. */
export interface CommandHelp {
  /** Command lines that work, without the leading `keyturn`. */
  readonly examples: readonly string[];
  readonly exits: readonly ExitName[];
  readonly environment: readonly VariableName[];
}

/**
 * One command. `name` may have several words (`token sign`): all but the last are groups.
 * Modules of commands are loaded at each start, so they import their work inside `run`.
 * `run` throws `CommandError`, or an `AggregateError` of several, when it cannot do its work.
 */
export interface Command<Options = never> {
  readonly name: string;
  readonly describe: string;
  readonly help: CommandHelp;
  configure(command: CommanderCommand): void;
  /** Everything wrong with the command line that shows only from several of its parts. Reads nothing else. */
  problems?(args: CommandArgs<Options>): readonly CommandError[];
  run(args: CommandArgs<Options>, io: Io): Promise<Answer>;
}

/** An option that may be given several times; any other one may not, so that no value is dropped without a word. */
export class RepeatableOption extends Option {}

/** `--stack` of every command that reads or moves a stack, and what such a command needs around it. */
export function addStackOption(command: CommanderCommand): void {
  command.option("--stack <name>", "the Pulumi stack; default: PULUMI_STACK, then the selected one");
}
