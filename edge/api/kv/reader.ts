import type { Store } from "../store.ts";
import { liveValue } from "./values.ts";

/** The bytes of a KV value as a Worker's binding reads them; `namespace` is an id or a title. */
export function kvValue(
  store: Store,
  accountId: string,
  namespace: string,
  key: string,
  now: number,
): Uint8Array | undefined {
  const all = store.account(accountId).namespaces;
  const found = all.get(namespace) ?? [...all.values()].find((each) => each.title === namespace);
  return found === undefined ? undefined : liveValue(found, key, now)?.bytes;
}
