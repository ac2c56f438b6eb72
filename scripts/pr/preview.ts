import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Failure } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";
import { maskSecrets } from "../cli/mask.ts";
import { cut, fenced } from "./markdown.ts";

/** Characters of a preview that a comment has room for beside the report. */
const MOST = 15_000;

/**
 * Runs `pulumi preview` of this project over definitions from elsewhere, and says in Markdown what it would change.
 *
 * @param rules absolute path of the definitions, no link and without one: it would lead out of what was reviewed
 * @throws CommandError FILE_UNREADABLE, CLI_MISSING
 */
export function previewOf(
  rules: string,
  project: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly failures: readonly Failure[] } {
  const [link] = linksIn(rules);
  if (link !== undefined) throw new CommandError("FILE_UNREADABLE", `${link} is a symbolic link`);
  const parts = ["preview", "--diff", "--non-interactive", "--color", "never"];
  const { error, status, stdout } = spawnSync("pulumi", parts, {
    cwd: project,
    env: { ...env, KEYTURN_RULES: rules },
    encoding: "utf8",
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new CommandError("CLI_MISSING", `the pulumi CLI cannot be run (${code})`);
  }
  const failed = `\`pulumi preview\` ended with ${status}`;
  return {
    text: `**preview**${status === 0 ? "" : `: ${failed}`}\n\n${fenced(cut(maskSecrets(stdout), MOST))}\n`,
    failures: status === 0 ? [] : [{ code: "ENGINE_FAILED", message: failed }],
  };
}

/** Symbolic links at and below a folder. */
function linksIn(rules: string): readonly string[] {
  try {
    if (lstatSync(rules).isSymbolicLink()) return [rules];
    return readdirSync(rules, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ parentPath, name }) => join(parentPath, name));
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new CommandError("FILE_UNREADABLE", `${rules} cannot be read (${code})`);
  }
}
