import type { SecretsStore, Store } from "../store.ts";

/** The store of an account by id or name. */
export function storeNamed(store: Store, accountId: string, nameOrId: string): SecretsStore | undefined {
  const stores = store.account(accountId).secretsStores;
  return stores.get(nameOrId) ?? [...stores.values()].find((each) => each.name === nameOrId);
}

/** The current value of a secret, as a Worker's binding reads it; undefined if there is none. */
export function secretValue(
  store: Store,
  accountId: string,
  nameOrId: string,
  secretName: string,
): string | undefined {
  const secrets = storeNamed(store, accountId, nameOrId)?.secrets.values() ?? [];
  return [...secrets].find((each) => each.name === secretName)?.value;
}
