import { execFile } from "node:child_process";
import { parseSigners, type SignerSet } from "../token/signers.ts";
import { CommandError } from "./errors.ts";

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

/** The CLI's stderr is not passed on: with --show-secrets nobody has promised what is in it. */
function explainFailure(error: unknown, stack: string | undefined): never {
  const { code, stderr = "", name } = error as { code?: unknown; stderr?: string; name?: string };
  const named = stack === undefined ? "the selected stack" : `stack ${stack}`;
  if (name === "AbortError") throw new CommandError("CANCELLED", "interrupted while reading the stack");
  if (code === "ENOENT") {
    throw new CommandError(
      "STACK_UNREADABLE",
      "the pulumi CLI is not on PATH",
      "Install it, or give the key with --key-file.",
    );
  }
  if (code === 6 || /no stack named/.test(stderr))
    throw new CommandError("STACK_NOT_FOUND", `${named} does not exist`);
  if (/does not have output property/.test(stderr)) {
    throw new CommandError(
      "STACK_UNREADABLE",
      `${named} has no output \`signers\``,
      "Run `pulumi up` first.",
    );
  }
  throw new CommandError(
    "STACK_UNREADABLE",
    `\`pulumi stack output signers\` failed for ${named} (exit code ${String(code)})`,
  );
}
