import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Edge } from "@keyturn/edge";
import { listen } from "@keyturn/edge";
import { fileStore } from "../../lab/engine/fileStore.ts";
import { rotate } from "../../scripts/rotate/rotate.ts";
import type { Orders } from "./runStack.ts";
import { Traffic } from "./traffic.ts";
import { openWorld, type RingKind } from "./world.ts";

const MINUTE = 60_000;

/** What was seen around a process that was killed in the middle of a move. */
export interface KilledReport {
  readonly signal: NodeJS.Signals | null;
  /** Calls that reached the API after the process had died. */
  readonly callsAfterDeath: number;
  readonly lockedBy: string | undefined;
  /** One line of JSON for each thing the next process was told to do. */
  readonly next: readonly unknown[];
  /** What the next process changed at the API. */
  readonly writes: readonly string[];
  readonly refused: readonly unknown[];
  /** Each key and its state in the end. */
  readonly end: readonly string[];
}

/**
 * Publishes a second key in a process of its own, kills that process (SIGKILL) when its write has taken effect and
 * its answer is still on the way, and goes on in another process.
 */
export async function killWhilePublishing(kind: RingKind): Promise<KilledReport> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-killed-"));
  const world = await openWorld({ kind, local: { store: fileStore(folder) } });
  const traffic = new Traffic(world);
  await world.local.runner.up();
  while ((await world.ring()).keys.at(-1)?.state !== "GENERATED") {
    const force = (await world.ring()).keys[0]?.state === "ACTIVE";
    const decision = (await rotate(world.rotation, { force })).rings[0]?.decision;
    await traffic.pass(decision?.step === "wait" ? Date.parse(decision.until) : world.clock.now() + MINUTE);
  }
  let child: ChildProcess | undefined;
  let callsAfterDeath = 0;
  let victim: RegExp | undefined = kind === "links" ? /PUT .*entrypoint/ : /PUT .*credentials/;
  const served: Edge = {
    ...world.edge,
    async api(request) {
      if (child === undefined) callsAfterDeath += 1;
      const answer = await world.edge.fetch(request);
      if (victim?.test(`${request.method} ${request.url}`)) {
        victim = undefined;
        child?.kill("SIGKILL");
        if (child) await once(child, "exit");
      }
      return answer;
    },
  };
  const server = await listen(served);
  const start = (steps: Orders["steps"]) => {
    const { url, apiUrl } = server;
    const pops = world.edge.world.pops.map(({ name }) => name);
    const orders: Orders = { kind, folder, url, apiUrl, pops, now: world.clock.now(), steps };
    const script = join(import.meta.dirname, "runStack.ts");
    child = spawn(process.execPath, [script, JSON.stringify(orders)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return child;
  };
  try {
    const first = start(["rotate"]);
    const [, signal] = (await once(first, "exit")) as [number | null, NodeJS.Signals | null];
    child = undefined;
    const lockedBy = world.store.lock()?.who;
    await traffic.pass(world.clock.now() + 2 * MINUTE);
    const before = world.writes.length;
    const next = await lines(start(["lock", "rotate", "cancel", "up", "rotate"]));
    await traffic.pass(world.clock.now() + 10 * MINUTE);
    const writes = world.writes.slice(before).map(({ method, path }) => `${method} ${path}`);
    const end = (await world.ring()).keys.map(({ name, state }) => `${name} ${state}`);
    return { signal, callsAfterDeath, lockedBy, next, writes, refused: traffic.refused, end };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

async function lines(child: ChildProcess): Promise<unknown[]> {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "close");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
