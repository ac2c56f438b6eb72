import { spawn } from "node:child_process";
import type { Project } from "./project.ts";
import { STACK } from "./project.ts";

/** How a call of the CLI ended. */
export interface CliResult {
  /** Exit code; null for a killed process. */
  readonly code: number | null;
  /** Standard output and error, together. */
  readonly text: string;
}

/** A call of the CLI under way. */
export interface CliRun {
  readonly pid: number;
  readonly done: Promise<CliResult>;
}

/** Starts `pulumi` on the project's stack. */
export function startPulumi(
  project: Project,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): CliRun {
  const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
    cwd: project.workDir,
    env: { ...process.env, ...project.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const keep = (chunk: Buffer) => {
    text += chunk.toString("utf8");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    // Not `close`: after a kill, processes that live on hold the streams open.
    child.on("exit", (code) => setTimeout(() => resolve({ code, text }), code === null ? 0 : 50));
  });
  return { pid: child.pid as number, done };
}

/** Runs `pulumi` to its end, on the project's stack where the command takes one. */
export function pulumi(
  project: Project,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return startPulumi(project, args, environment).done;
}

export const ON_STACK = ["--stack", STACK] as const;
