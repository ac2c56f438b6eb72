import type { Edge } from "@keyturn/edge";
import { VirtualClock } from "@keyturn/edge";
import { fileStore } from "../../lab/engine/fileStore.ts";
import { rotate } from "../../scripts/rotate/rotate.ts";
import { openWorld, type RingKind } from "./world.ts";

/** What a process of its own is to do with a stack that lies in a folder, against an edge behind HTTP. */
export interface Orders {
  readonly kind: RingKind;
  readonly folder: string;
  /** The front door's address, and the API's below it. */
  readonly url: string;
  readonly apiUrl: string;
  readonly pops: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly steps: readonly ("lock" | "cancel" | "up" | "rotate")[];
}

/** Carries the orders out, one after the other; one line of JSON for each. */
async function run(orders: Orders): Promise<void> {
  const world = await openWorld({
    kind: orders.kind,
    seed: orders.now % 1000,
    local: { shared: remoteEdge(orders), store: fileStore(orders.folder) },
  });
  const { runner } = world.local;
  const steps = {
    lock: () => runner.lock(),
    cancel: () => runner.cancel(),
    up: () => runner.up(),
    rotate: () => rotate(world.rotation),
  };
  for (const step of orders.steps) process.stdout.write(`${JSON.stringify((await steps[step]()) ?? null)}\n`);
}

/** The part of an edge that a runner and `rotate` use, over loopback HTTP. */
function remoteEdge({ url, apiUrl, now, pops }: Orders): Edge {
  const edge: Partial<Edge> = {
    clock: new VirtualClock(now),
    world: {
      pops: pops.map((name) => ({ name })),
      onCommit: () => () => undefined,
    } as unknown as Edge["world"],
    fetch: (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      return fetch(`${apiUrl}${address.slice(address.indexOf("/client/v4") + "/client/v4".length)}`, init);
    },
    handle: async (request, visitor) => {
      const asked = new URL(request.url);
      const headers = { ...Object.fromEntries(request.headers as Headers), host: asked.host };
      const answer = await fetch(`${url}${asked.pathname}${asked.search}`, {
        headers: { ...headers, "x-edge-pop": visitor?.pop ?? "", "x-edge-scheme": "https" },
      });
      return { status: answer.status, body: await answer.text() } as never;
    },
  };
  return edge as Edge;
}

const orders = process.argv[2];
if (orders !== undefined) await run(JSON.parse(orders) as Orders);
