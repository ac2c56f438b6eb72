import type { Command as CommanderCommand } from "commander";
import type { ExitCode } from "./exitCodes.ts";
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

/**
 * One command. `name` may have several words (`token sign`): all but the last are groups.
 * Modules of commands are loaded at each start, so they import their work inside `run`.
 * `run` answers its exit code, `undefined` meaning ok, and throws `CommandError` when it cannot do its work.
 */
export interface Command<Options = never> {
  readonly name: string;
  readonly describe: string;
  configure(command: CommanderCommand): void;
  run(args: CommandArgs<Options>, io: Io): Promise<ExitCode | undefined>;
}
