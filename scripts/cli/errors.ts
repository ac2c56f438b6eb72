import { CommanderError } from "commander";
import { apiFailure } from "../../infra/providers/cloudflareApi.ts";
import { explainedCode } from "../../model/codes/codeTable.ts";
import { commandCodes } from "../../model/codes/commandCodes.ts";
import { type ExitCode, exitCodes } from "../../model/codes/exitCodes.ts";
import { rotationCodes } from "../../model/codes/rotationCodes.ts";

const codes = { ...commandCodes, ...rotationCodes };

/** Every code a command can end with. */
export type CommandCode = keyof typeof codes;

/**
 * A failure that a command expected. `message` says what is wrong, `hint` what to do about it; neither may
 * hold a token or a key. The exit code is that of the code's row.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandCode;
  readonly hint: string;

  constructor(code: CommandCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint ?? codes[code].remedy;
  }
}

/** What every failure becomes before it is printed. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exitCode: ExitCode;
  /** One entry per problem, when the error carries a list of them. */
  readonly problems?: readonly unknown[];
}

/** A failure by its code: hint and exit code from the code's row. A text that is no code counts as INTERNAL. */
export function reportOf(failure: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): ErrorReport {
  const row = explainedCode(failure.code);
  const { code, message } = failure;
  return {
    code,
    message,
    hint: failure.hint ?? row?.remedy ?? `\`keyturn explain ${code}\` says more.`,
    exitCode: row?.exit ?? exitCodes.internal,
  };
}

/**
 * Turns whatever was thrown into reports, one for each failure: our own errors keep their code, commander's become
 * USAGE, everything else INTERNAL.
 */
export function reportsOf(error: unknown): readonly ErrorReport[] {
  if (error instanceof AggregateError) return error.errors.flatMap(reportsOf);
  if (error instanceof CommanderError) return [reportUsage(error)];
  if (error instanceof Error && isText(error, "code") && explainedCode(error.code) !== undefined) {
    return [reportCoded(error)];
  }
  const failed = apiProblem(error);
  if (failed !== undefined) return [failed];
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [reportOf({ code: "INTERNAL", message })];
}

/** An error with a code of ours, recognised by shape: whoever throws it need not know the commands. */
function reportCoded(error: Error & { readonly code: string }): ErrorReport {
  const { code } = error;
  if ("problems" in error && Array.isArray(error.problems)) {
    const message = `the definitions have problems\n${error.message}`;
    return { ...reportOf({ code, message }), problems: error.problems };
  }
  const message = error.message.startsWith(`${code}: `)
    ? error.message.slice(code.length + 2)
    : error.message;
  return reportOf({ code, message, hint: isText(error, "hint") ? error.hint : undefined });
}

/** An error of Cloudflare's SDK, recognised by shape: it takes a second to load. */
function apiProblem(error: unknown): ErrorReport | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = "status" in error && typeof error.status === "number" ? error.status : undefined;
  const kind = error.constructor.name;
  if (status === undefined && !/^APIConnection/.test(kind)) return undefined;
  const { code } = apiFailure(status);
  return reportOf({
    code,
    message: `Cloudflare's API could not be read (${status ?? "no answer"}, ${kind})`,
  });
}

function isText<Member extends string>(
  error: Error,
  member: Member,
): error is Error & Record<Member, string> {
  return typeof (error as unknown as Record<string, unknown>)[member] === "string";
}

/** commander quotes what was typed; a mistyped option may carry a secret, so values are cut off. */
function reportUsage(error: CommanderError): ErrorReport {
  const message = error.message
    .replace(/^error: /, "")
    .replace(/(unknown option '--?[^'=]*)=[^']*'/, "$1'")
    .replace(/(but got \d+): .*$/s, "$1")
    .replace(/(argument) '[^']*' (is invalid)/s, "$1 $2");
  const [said, suggestion] = message.split("\n");
  const hint = suggestion?.replace(/^\(|\)$/g, "");
  return reportOf({ code: "USAGE", message: said ?? message, hint });
}
