import type { DynamicProviders } from "./dynamicProvider.ts";
import type { Properties, Provider, Surroundings } from "./provider.ts";
import { STOCK_RESOURCES } from "./stock/cloudflare.ts";
import { RANDOM_RESOURCES, RANDOM_SECRETS } from "./stock/random.ts";
import { restProvider } from "./stock/restResource.ts";

/** Outputs that a stock resource's own schema marks secret, by type. */
const SCHEMA_SECRETS: Readonly<Record<string, readonly string[]>> = {
  ...RANDOM_SECRETS,
  "cloudflare:index/secretsStoreSecret:SecretsStoreSecret": ["value"],
};

/** A resource's provider, and the outputs that are secret whatever the program says. */
export interface FoundProvider {
  readonly provider: Provider;
  readonly secretOutputs: readonly string[];
}

/**
 * The provider of a resource type.
 *
 * @throws for a type that the runner cannot carry; the real engine can
 */
export function providerFor(
  type: string,
  inputs: Properties,
  dynamic: DynamicProviders,
  around: Surroundings,
): FoundProvider {
  const secretOutputs = SCHEMA_SECRETS[type] ?? [];
  if (type.startsWith("pulumi-nodejs:dynamic")) return { provider: dynamic.for(inputs), secretOutputs };
  const random = RANDOM_RESOURCES[type];
  if (random) return { provider: random(around), secretOutputs };
  const row = STOCK_RESOURCES.find((candidate) => candidate.type === type);
  if (row) return { provider: restProvider(row, around), secretOutputs };
  throw new Error(`the in-process runner does not know ${type}: deploy with the pulumi CLI`);
}
