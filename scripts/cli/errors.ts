import { commandCodes } from "./commandCodes.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import { rotationCodes } from "./rotationCodes.ts";

const codes = { ...commandCodes, ...rotationCodes };

/** Every code a command can end with. */
export type CommandCode = keyof typeof codes;

/**
 * A failure that a command expected. `message` says what is wrong, `hint` what to do about it; neither may
 * hold a token or a key. The exit code comes from the code's row in `commandCodes` or `rotationCodes`.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandCode;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(code: CommandCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint ?? codes[code].remedy;
    this.exitCode = exitCodes[codes[code].exit];
  }
}

/** What every error becomes before it is printed. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly exitCode: ExitCode;
  /** One entry per problem, when the error carries a list of them. */
  readonly problems?: readonly unknown[];
}
