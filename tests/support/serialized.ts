import type { Edge } from "@keyturn/edge";
import * as pulumi from "@pulumi/pulumi";
import { DynamicProviders } from "../../lab/engine/dynamicProvider.ts";
import type { Provider } from "../../lab/engine/provider.ts";
import { LOCAL_API_TOKEN } from "../../lab/local/cloudflare.ts";
import { createLocal } from "../../lab/local/local.ts";

/**
 * A provider as it lives in the state: serialized as Pulumi does, and run from that text against an edge.
 *
 * @param provider the object with the provider's methods
 */
export async function serialized(provider: object, edge: Edge): Promise<Provider> {
  let text = texts.get(provider);
  if (text === undefined) {
    text = (await pulumi.runtime.serializeFunction(() => provider, { exportName: "handler" })).text;
    texts.set(provider, text);
  }
  return run(text, edge);
}

/** Serializing takes a while, and a provider's text is always the same. */
const texts = new WeakMap<object, string>();

/** The provider of a resource of this type, from the text that a deployment has put into the state. */
export async function fromState(type: string): Promise<Provider> {
  const { edge, runner } = createLocal();
  await runner.up();
  const found = runner.state().resources.find((entry) => entry.type.endsWith(`:${type}`));
  return run(String(found?.inputs.__provider), edge);
}

function run(text: string, edge: Edge): Provider {
  const providers = new DynamicProviders({
    fetch: (input, init) => edge.fetch(input as Request, init),
    config: { "cloudflare:apiToken": LOCAL_API_TOKEN },
    environment: { CLOUDFLARE_BASE_URL: "https://local.invalid/client/v4" },
    random: () => 0,
    sleep: async () => undefined,
  });
  return providers.for({ __provider: text });
}
