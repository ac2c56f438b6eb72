import type { LockHolder } from "../../scripts/engine/engine.ts";
import { unseal } from "./secrets.ts";

/** One resource in the stored state; member names are those of `pulumi stack export`. */
export interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly string[];
  readonly protect?: boolean;
  /** Replaced and not yet deleted. */
  readonly delete?: boolean;
  /** Marked by `taint`: the next update replaces it. */
  readonly taint?: boolean;
}

/** What survives a run, however it ends. */
export interface StoredState {
  readonly resources: readonly StoredResource[];
  /** Stack outputs, secrets in wire form. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Creates that were begun; a run that died in one leaves it here. */
  readonly pending: readonly string[];
}

export const emptyState: StoredState = { resources: [], outputs: {}, pending: [] };

/** Seals the states of local stacks. Everybody knows it: they hold nothing that opens anything real. */
export const PASSPHRASE = "local";

/** A stored text, unsealed; undefined is a stack without a state. */
export function openState(text: string | undefined, passphrase: string): StoredState {
  return text === undefined ? emptyState : (unseal(JSON.parse(text), passphrase) as StoredState);
}

/** Where the state is kept, sealed: in memory or in a file. */
export interface StateStore {
  load(): string | undefined;
  save(text: string): void;
  lock(): LockHolder | undefined;
  setLock(holder: LockHolder | undefined): void;
}

/** A store in memory, for tests and for `try`. */
export function memoryStore(): StateStore {
  let text: string | undefined;
  let holder: LockHolder | undefined;
  return {
    load: () => text,
    save: (next) => {
      text = next;
    },
    lock: () => holder,
    setLock: (next) => {
      holder = next;
    },
  };
}
