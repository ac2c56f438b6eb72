import { execFile } from "node:child_process";
import { CommandError } from "../cli/errors.ts";
import { parseSigners, type SignerSet } from "../token/signers.ts";
import { knownFailure } from "./cliFailure.ts";

/** How a program is run; tests hand in their own. Answers stdout, rejects with `stderr` and `code` set. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  options: { readonly signal?: AbortSignal | undefined; readonly cwd?: string | undefined },
) => Promise<string>;

/**
 * Reads the secret output `signers` of a stack (the selected one when none is named) by
 * `pulumi stack output signers --show-secrets --json`. Throws `CommandError`.
 */
export async function readStackSigners(
  stack: string | undefined,
  options: { readonly signal?: AbortSignal; readonly cwd?: string; readonly run?: RunProgram } = {},
): Promise<SignerSet> {
  const { signal, cwd, run = runProgram } = options;
  const args = ["stack", "output", "signers", "--show-secrets", "--json", "--non-interactive"];
  if (stack !== undefined) args.push("--stack", stack);
  return parseSigners(
    await run("pulumi", args, { signal, cwd }).catch((error: unknown) => explainFailure(error, stack)),
  );
}

function runProgram(
  program: string,
  args: readonly string[],
  options: { signal?: AbortSignal | undefined; cwd?: string | undefined },
): Promise<string> {
  const settings = { ...options, encoding: "utf8" as const, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], settings, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr }));
      else resolve(stdout);
    });
  });
}

/** The CLI's stderr is read and not passed on: with --show-secrets nobody has promised what is in it. */
function explainFailure(error: unknown, stack: string | undefined): never {
  const { code, stderr = "", name, message } = error as NodeJS.ErrnoException & { stderr?: string };
  const named = stack === undefined ? "the selected stack" : `stack ${stack}`;
  if (name === "AbortError") throw new CommandError("CANCELLED", "interrupted while reading the stack");
  // 6 is the CLI's exit code for a stack that is not there (model/codes/exitCodes.ts).
  const said = String(code) === "6" ? "no stack named" : code === "ENOENT" ? message : stderr;
  const known = knownFailure(said, named);
  throw (
    known ??
    new CommandError(
      "ENGINE_FAILED",
      `\`pulumi stack output signers\` failed for ${named} (exit code ${String(code)})`,
    )
  );
}
