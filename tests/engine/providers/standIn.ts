import * as pulumi from "@pulumi/pulumi";
import type { Properties, Provider, Surroundings } from "../../../scripts/engine/inprocess/provider.ts";
import { annotate, plain } from "../../../scripts/engine/inprocess/secrets.ts";

/** A resource of a stock provider, and its outputs that are secret whatever the program says. */
export interface StandInResource {
  readonly provider: Provider;
  readonly secretOutputs: readonly string[];
}

/** The outside of a stand-in: real network, real time, the process's environment. */
export function realSurroundings(): Surroundings {
  return {
    fetch,
    config: {},
    environment: process.env as Record<string, string>,
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/**
 * Serves a stock provider's resources to the engine over gRPC, as the plugin of the same name does; prints the
 * port that the engine waits for.
 *
 * @param resources by type, as `random:index/randomId:RandomId`
 */
export async function serveStandIn(
  version: string,
  resources: Readonly<Record<string, StandInResource>>,
): Promise<void> {
  const of = (urn: string): StandInResource => {
    const type = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
    const found = resources[type];
    if (found === undefined) throw new Error(`the stand-in has no resource ${type}: install the real plugin`);
    return found;
  };
  const sealed = (urn: string, outputs: Properties, inputs: Properties) =>
    annotate(outputs, inputs, of(urn).secretOutputs);
  await pulumi.provider.main(
    {
      version,
      // What was secret stays so: the engine is answered the very inputs that it sent.
      check: async (urn, olds, news) => {
        const { failures } = await of(urn).provider.check(plain(olds ?? {}), plain(news));
        return {
          inputs: news,
          failures: failures.map(({ property = "", reason = "" }) => ({ property, reason })),
        };
      },
      diff: async (id, urn, olds, news) => {
        const { changes, replaces } = await of(urn).provider.diff(id, plain(olds), plain(news));
        return { changes, replaces: [...replaces] };
      },
      create: async (urn, inputs) => {
        const { id, outputs } = await of(urn).provider.create(plain(inputs));
        return { id, outs: sealed(urn, outputs, inputs) };
      },
      update: async (id, urn, olds, news) => {
        const { outputs } = await of(urn).provider.update(id, plain(olds), plain(news));
        return { outs: sealed(urn, outputs, news) };
      },
      read: async (id, urn, props) => {
        const found = await of(urn).provider.read(id, plain(props));
        // An empty id says that the object is gone.
        if (found === undefined) return { id: "", props: {} };
        return { id: found.id, props: sealed(urn, found.properties, props as Properties) };
      },
      delete: async (id, urn, props) => of(urn).provider.delete(id, plain(props)),
    },
    process.argv.slice(2),
  );
}
