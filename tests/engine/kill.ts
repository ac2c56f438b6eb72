import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { CliRun } from "./cli.ts";
import { ON_STACK, startPulumi } from "./cli.ts";
import type { RecordedCall } from "./recordedEdge.ts";
import type { World } from "./world.ts";

const PATIENCE_MS = 120_000;

/** Waits for a call of the API; fails where none comes. */
export async function untilCall(
  world: World,
  what: string,
  from: number,
  fits: (call: RecordedCall) => boolean,
): Promise<RecordedCall> {
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    const found = world.calls.slice(from).find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no ${what} within ${PATIENCE_MS / 1000} s`);
}

/** A CLI that was killed, and the processes it left behind. */
export interface Killed {
  readonly pid: number;
  readonly orphans: readonly number[];
  /** Ends what the CLI started and left behind, as a machine that went down would have. */
  end(): void;
}

/** Starts `pulumi up`, waits for a call, and kills the CLI with SIGKILL. */
export async function killedAt(
  world: World,
  what: string,
  fits: (call: RecordedCall) => boolean,
  environment: Readonly<Record<string, string>> = {},
): Promise<Killed> {
  const from = world.calls.length;
  const run = startPulumi(world.project, ["up", "--yes", "--skip-preview", ...ON_STACK], environment);
  await Promise.race([
    untilCall(world, what, from, fits),
    run.done.then(({ code, text }) => {
      throw new Error(`the CLI ended with ${code} before ${what}: ${text}`);
    }),
  ]);
  return kill(run);
}

async function kill(run: CliRun): Promise<Killed> {
  const orphans = descendants(run.pid);
  process.kill(run.pid, "SIGKILL");
  await run.done;
  return {
    pid: run.pid,
    orphans,
    end: () => {
      for (const pid of orphans) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended by itself.
        }
      }
    },
  };
}

function descendants(of: number): number[] {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...below(pid)]);
  return below(of);
}

/** Every process with its parent; from `/proc` where there is one, since small images have no `ps`. */
function processes(): [number, number][] {
  if (!existsSync("/proc/self/stat")) {
    const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    return rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): [number, number][] => {
      try {
        // The name in parentheses may hold anything; state and parent follow it.
        const [, ppid] = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return [[Number(name), Number(ppid)]];
      } catch {
        return [];
      }
    });
}
