import type { Properties } from "../provider.ts";
import type { RestResource } from "./restResource.ts";

/**
 * The stock Cloudflare resources that the program uses, as the real provider (SDK 6.22.1) was recorded calling the
 * API for them; as of 2026-11.
 */
export const STOCK_RESOURCES: readonly RestResource[] = [
  {
    type: "cloudflare:index/secretsStore:SecretsStore",
    collection: (inputs) => `/accounts/${inputs.accountId}/secrets_store/stores`,
    create: (inputs) => ({ name: inputs.name }),
    created: (result) => result as Record<string, unknown>,
    computed: times,
    readable: ({ name }) => ({ name }),
    replaceOn: ["accountId", "name"],
  },
  {
    type: "cloudflare:index/secretsStoreSecret:SecretsStoreSecret",
    collection: (inputs) => `/accounts/${inputs.accountId}/secrets_store/stores/${inputs.storeId}/secrets`,
    create: ({ comment, name, scopes, value }) => [{ comment, name, scopes, value }],
    created: (result) => (result as Record<string, unknown>[])[0] ?? {},
    update: (olds, news) => changedOnly(olds, news, ["comment", "scopes", "value"]),
    computed: (result) => ({ ...times(result), status: result.status }),
    readable: ({ name, comment, scopes }) => ({ name, comment, scopes }),
    replaceOn: ["accountId", "storeId", "name"],
  },
];

function times(result: Record<string, unknown>): Properties {
  return { created: result.created, modified: result.modified };
}

function changedOnly(olds: Properties, news: Properties, names: readonly string[]): Properties {
  const changed = names.filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
  return Object.fromEntries(changed.map((name) => [name, news[name]]));
}
