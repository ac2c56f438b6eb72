import type { Ruleset } from "../world/types.ts";

/** A secret of the Secrets Store. `value` is never answered; a Worker reads it by its binding. */
export interface StoredSecret {
  readonly id: string;
  readonly store_id: string;
  readonly name: string;
  readonly value: string;
  readonly comment?: string;
  readonly scopes: readonly string[];
  readonly created: string;
  readonly modified: string;
}

export interface SecretsStore {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly modified: string;
  /** By id, in order of creation. */
  readonly secrets: Map<string, StoredSecret>;
}

/** A binding of a Worker as it was sent, `text` and other key material included. */
export type Binding = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };

export interface WorkerModule {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface WorkerScript {
  readonly name: string;
  readonly modules: readonly WorkerModule[];
  /** The metadata part without bindings, as it was sent. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly bindings: readonly Binding[];
  readonly created_on: string;
  readonly modified_on: string;
  readonly etag: string;
  /** Counts deployments: every change of a secret makes a new version and deploys it at once. */
  readonly version: number;
}

export interface KvValue {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata?: unknown;
  /** Seconds since the epoch. */
  readonly expiration?: number;
}

export interface KvNamespace {
  readonly id: string;
  readonly title: string;
  readonly values: Map<string, KvValue>;
}

export interface NotificationPolicy {
  readonly id: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly created: string;
  readonly modified: string;
}

/** What only the control plane knows of a list: the world holds the items that expressions see. */
export interface ListDetails {
  readonly description?: string;
  readonly created_on: string;
  readonly modified_on: string;
  /** In the order of the world's items. */
  readonly items: readonly ListItem[];
}

export interface ListItem {
  readonly id: string;
  /** The item as sent: `{ip}`, `{asn}`, `{hostname}` or `{redirect}`, with its comment. */
  readonly sent: Readonly<Record<string, unknown>>;
  readonly created_on: string;
  readonly modified_on: string;
}

export interface AccountStore {
  readonly secretsStores: Map<string, SecretsStore>;
  readonly scripts: Map<string, WorkerScript>;
  readonly namespaces: Map<string, KvNamespace>;
  readonly policies: Map<string, NotificationPolicy>;
  readonly listDetails: Map<string, ListDetails>;
}

export interface ZoneStore {
  originPullsEnabled: boolean;
}

/** What lives in the control plane alone and is never enforced at a point of presence. */
export interface Store {
  account(id: string): AccountStore;
  zone(id: string): ZoneStore;
  /** All versions of each ruleset, oldest first, the current one included. */
  readonly rulesetVersions: Map<string, readonly Ruleset[]>;
}

/** What a store holds, as plain data. */
export interface StoreState {
  readonly accounts: Map<string, AccountStore>;
  readonly zones: Map<string, ZoneStore>;
  readonly rulesetVersions: Map<string, readonly Ruleset[]>;
}

/** A store in which nothing is. */
export function emptyStore(): StoreState {
  return { accounts: new Map(), zones: new Map(), rulesetVersions: new Map() };
}

/** A store that goes on from `state` and moves it on. */
export function createStore({ accounts, zones, rulesetVersions }: StoreState): Store {
  return {
    account: (id) =>
      found(accounts, id, () => ({
        secretsStores: new Map(),
        scripts: new Map(),
        namespaces: new Map(),
        policies: new Map(),
        listDetails: new Map(),
      })),
    zone: (id) => found(zones, id, () => ({ originPullsEnabled: false })),
    rulesetVersions,
  };
}

function found<T>(map: Map<string, T>, id: string, make: () => T): T {
  const existing = map.get(id);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(id, made);
  return made;
}
