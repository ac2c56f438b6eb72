import type { ExitCode } from "../../model/codes/exitCodes.ts";
import { exitCodes } from "../../model/codes/exitCodes.ts";
import type { Answer, Command } from "./command.ts";
import { secretVariables } from "./environment.ts";
import { type ErrorReport, reportOf, reportsOf } from "./errors.ts";
import type { Io } from "./io.ts";
import { type Line, type ProgramOptions, readLine } from "./line.ts";
import { maskSecrets } from "./mask.ts";
import { printEnvelope, renderError, wantsColor } from "./print.ts";

/**
 * Runs one command line (without `node` and the script's name) and answers the exit code. Nothing here ends
 * the process; everything goes through `io`, and all text for stderr is masked.
 */
export async function main(
  argv: readonly string[],
  host: Io,
  commands: readonly Command[],
): Promise<ExitCode> {
  const line = readLine(argv, commands);
  const known = secretVariables.flatMap((name) => host.env[name] ?? []);
  const err: Io["err"] = (text) => host.err(maskSecrets(text, known));
  const io = ioFor({ ...host, err }, line.options);
  try {
    if (line.problems.length > 0) throw new AggregateError(line.problems);
    return await print(await line.run(io), line, io);
  } catch (error) {
    return fail(error, line, { ...io, err, out: (text) => io.out(maskSecrets(text, known)) });
  }
}

/** Prints what a command answered; the exit code is that of the first failure. */
async function print(answer: Answer, { name, options }: Line, io: Io): Promise<ExitCode> {
  const errors = (answer.failures ?? []).map(reportOf);
  const exitCode = errors[0]?.exitCode ?? exitCodes.ok;
  const { data, text, serve } = answer;
  io.out(options.json ? envelope(name, exitCode, errors, { data }) : text);
  await serve?.();
  return exitCode;
}

/** Prints why a command could not do its work, every reason at once. */
function fail(error: unknown, { name, options }: Line, io: Io): ExitCode {
  const reports = reportsOf(error);
  for (const report of reports) io.err(renderError(report, io.color.err));
  if (options.verbose && error instanceof Error && reports.some(({ code }) => code === "INTERNAL")) {
    io.err(`${error.stack ?? ""}\n`);
  }
  const exitCode = reports[0]?.exitCode ?? exitCodes.internal;
  if (options.json) io.out(envelope(name, exitCode, reports));
  return exitCode;
}

function envelope(
  command: string,
  exitCode: ExitCode,
  errors: readonly ErrorReport[],
  data: { readonly data?: unknown } = {},
): string {
  const ok = errors.length === 0 && exitCode === exitCodes.ok;
  return printEnvelope({ command, ok, exitCode, ...data, ...(errors.length === 0 ? {} : { errors }) });
}

function ioFor(host: Io, { now, quiet, color }: ProgramOptions): Io {
  return {
    ...host,
    ...(now instanceof Date ? { now: () => now } : {}),
    ...(quiet ? { err: () => undefined } : {}),
    color: {
      out: wantsColor(color, host.env, host.color.out),
      err: wantsColor(color, host.env, host.color.err),
    },
  };
}
