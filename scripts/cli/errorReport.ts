import { CommanderError } from "commander";
import { CommandError, type ErrorReport } from "./errors.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";

/** Codes of commander that are no failures: help or version was asked for and has been printed. */
const informative = new Set(["commander.helpDisplayed", "commander.version"]);

/** True when commander ended the parse because it printed what was asked for. */
export function isInformative(error: unknown): boolean {
  return error instanceof CommanderError && informative.has(error.code);
}

/**
 * Turns whatever was thrown into a report: our own errors keep their code and exit code, commander's become
 * USAGE (2), everything else INTERNAL (255).
 */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CommanderError) return reportUsage(error);
  if (error instanceof Error && hasProblems(error)) {
    return {
      code: error.code,
      message: `the definitions have problems\n${error.message}`,
      hint: "Mend them; `keyturn check` shows them without deploying anything.",
      exitCode: exitCodes.configuration,
      problems: error.problems,
    };
  }
  if (isCoded(error)) {
    return {
      code: error.code,
      message: error.message,
      hint: error.hint,
      exitCode: isExitCode(error.exitCode) ? error.exitCode : exitCodes.configuration,
    };
  }
  if (error instanceof Error && namesItsCode(error)) {
    const exitCode = exitCodes.error;
    const message = error.message.slice(error.code.length + 2);
    return { code: error.code, message, hint: `\`keyturn explain ${error.code}\` says more.`, exitCode };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return reportOf(new CommandError("INTERNAL", message));
}

interface Coded extends Error {
  readonly code: string;
  readonly hint: string;
  readonly exitCode?: unknown;
}

/** A `ProblemError` of the model. */
function hasProblems(
  error: Error,
): error is Error & { readonly code: string; readonly problems: readonly unknown[] } {
  return isText(error, "code") && "problems" in error && Array.isArray(error.problems);
}

/** An error of the model, whose message begins with its code: `LEDGER_FOREIGN: …`. */
function namesItsCode(error: Error): error is Error & { readonly code: string } {
  return isText(error, "code") && error.message.startsWith(`${(error as Error & { code: string }).code}: `);
}

/** Recognised by shape, so that the CLI need not load the modules whose errors it prints. */
function isCoded(error: unknown): error is Coded {
  return error instanceof Error && isText(error, "code") && isText(error, "hint");
}

function isText(error: Error, member: string): boolean {
  return typeof (error as unknown as Record<string, unknown>)[member] === "string";
}

function isExitCode(value: unknown): value is ExitCode {
  return Object.values(exitCodes).includes(value as ExitCode);
}

/** commander quotes what was typed; a mistyped option may carry a secret, so values are cut off. */
function reportUsage(error: CommanderError): ErrorReport {
  const message = error.message
    .replace(/^error: /, "")
    .replace(/(unknown option '--?[^'=]*)=[^']*'/, "$1'")
    .replace(/(but got \d+): .*$/s, "$1")
    .replace(/(argument) '[^']*' (is invalid)/, "$1 $2");
  const [said, suggestion] = message.split("\n");
  const hint = suggestion?.replace(/^\(|\)$/g, "");
  return reportOf(new CommandError("USAGE", said ?? message, hint));
}
