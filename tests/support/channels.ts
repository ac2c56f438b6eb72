import { rotate } from "../../scripts/rotate/rotate.ts";
import { type Material, materialsIn } from "./scanner.ts";
import { Traffic } from "./traffic.ts";
import type { World } from "./world.ts";

/** Everything that a deployment and its rotation write or say, by channel. */
export class Channels {
  readonly #texts = new Map<string, string[]>();
  readonly #materials = new Map<string, Material>();

  add(channel: string, value: unknown): void {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const texts = this.#texts.get(channel) ?? [];
    if (texts.at(-1) !== text) texts.push(text ?? "");
    this.#texts.set(channel, texts);
  }

  /** Reads every channel of a world as it stands, and the material that exists in it now. */
  async read(world: World): Promise<void> {
    const { runner } = world.local;
    const { signers, ...others } = await runner.outputs();
    this.add("state as stored", world.store.load() ?? "");
    this.add("outputs that are not secret", others);
    this.add("ledger", others.ledger);
    this.add("reports", others.reports);
    this.add("jwks", others.jwks);
    this.add("resources as commands see them", await runner.resources());
    this.add("diff", runner.diff().join("\n"));
    this.add("security events", world.edge.events.query({}));
    for (const material of materialsIn(signers)) {
      this.#materials.set(Buffer.from(material.bytes).toString("hex"), material);
    }
  }

  /** Catches what is printed while `work` runs. */
  async printed<T>(work: () => Promise<T>): Promise<T> {
    const streams = [process.stdout, process.stderr] as const;
    const writes = streams.map((stream) => stream.write);
    for (const stream of streams) {
      stream.write = ((chunk: unknown) => {
        this.add("log", String(chunk));
        return true;
      }) as typeof stream.write;
    }
    try {
      return await work();
    } finally {
      for (const [index, stream] of streams.entries()) stream.write = writes[index] as typeof stream.write;
    }
  }

  texts(): Record<string, string> {
    return Object.fromEntries([...this.#texts].map(([name, texts]) => [name, texts.join("\n")]));
  }

  materials(): Material[] {
    return [...this.#materials.values()];
  }
}

/** Deploys, rotates every ring once with a preview before each tick, and reads every channel on the way. */
export async function listenToRotation(world: World, ticks: number): Promise<Channels> {
  const channels = new Channels();
  const traffic = new Traffic(world);
  await channels.printed(async () => {
    channels.add("run results", await world.local.runner.up());
    await channels.read(world);
    for (let tick = 0; tick < ticks; tick += 1) {
      channels.add("run results", await world.local.runner.preview());
      channels.add("diff", world.local.runner.diff().join("\n"));
      const ledger = await world.ledger();
      const force = Object.values(ledger.rings).every(
        ({ keys }) => keys.length === 1 && keys[0]?.state === "ACTIVE",
      );
      const result = await rotate(world.rotation, { force });
      channels.add("results of rotate", result);
      await channels.read(world);
      const waits = result.rings.flatMap(({ decision }) =>
        decision.step === "wait" ? [Date.parse(decision.until)] : [],
      );
      const moved = result.rings.some(({ decision }) => decision.step === "advance");
      const next = moved ? 0 : Math.min(...waits);
      await traffic.send();
      world.clock.set(Math.max(next, world.clock.now() + 60_000));
    }
  });
  return channels;
}
