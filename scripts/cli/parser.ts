import { Command as CommanderCommand, CommanderError, InvalidArgumentError, type Option } from "commander";
import { RepeatableOption } from "./command.ts";

/**
 * commander, except that it goes on after the first mistake: every problem of a command line is collected, and
 * whoever runs a command looks at `problems` first. Values that cannot be read stay as they were typed.
 */
export class Parser extends CommanderCommand {
  readonly problems: CommanderError[];
  #unknown: readonly string[] = [];

  constructor(name: string, problems: CommanderError[] = []) {
    super(name);
    this.problems = problems;
  }

  override createCommand(name: string): Parser {
    return new Parser(name, this.problems);
  }

  /** commander names the first unknown option only. */
  override parseOptions(argv: string[]): ReturnType<CommanderCommand["parseOptions"]> {
    const parsed = super.parseOptions(argv);
    this.#unknown = parsed.unknown;
    return parsed;
  }

  /** Where commander would end, this goes on: the declared `never` is what its callers do not rely on. */
  override error(message: string, options: { readonly code?: string } = {}): never {
    const { code = "commander.error" } = options;
    const unknown = this.#unknown.filter((word) => word.startsWith("-") && word !== "-");
    // What stands behind an unknown option may be its value.
    const guess = code === "commander.excessArguments" && unknown.length > 0;
    if (!guess) this.problems.push(new CommanderError(2, code, message));
    if (code === "commander.unknownOption") {
      for (const flag of unknown.slice(1))
        this.problems.push(new CommanderError(2, code, `error: unknown option '${flag}'`));
    }
    return undefined as never;
  }

  override addOption(option: Option): this {
    if (option.required) option.argParser(this.#once(option, option.parseArg));
    return super.addOption(option);
  }

  #once(option: Option, parse: Option["parseArg"]) {
    let given = false;
    return (text: string | undefined, previous: unknown): unknown => {
      if (text === undefined) return undefined;
      if (given && !(option instanceof RepeatableOption))
        this.error(`option '${option.flags}' was given more than once`, { code: "commander.repeated" });
      given = true;
      try {
        return parse === undefined ? text : parse.call(option, text, previous as never);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        this.error(`option '${option.flags}' argument is invalid. ${error.message}`, { code: error.code });
        return text;
      }
    };
  }
}
