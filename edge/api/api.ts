import type { Choices as LanguageChoices } from "../language/choices.ts";
import type { World } from "../world/types.ts";
import { route } from "./app.ts";
import { createTokenBook, type TokenGrant } from "./auth.ts";
import { kvValue } from "./kv/values.ts";
import { limitTable } from "./limits.ts";
import { createRequestLimit } from "./requestLimit.ts";
import type { Service } from "./route.ts";
import { secretValue } from "./secretsStore/secrets.ts";
import { createServer } from "./serve.ts";
import { createStore, emptyStore, type StoreState } from "./store.ts";
import { workerSecret } from "./workers/secrets.ts";

export interface ApiOptions {
  /** What each token value may do. Absent: any non-empty token may do everything. */
  readonly tokens?: Readonly<Record<string, TokenGrant>>;
  /** Requests of one token in five minutes; `false` for load tests. Default: the limit table. */
  readonly requestsPerFiveMinutes?: number | false;
  /** Decisions of the language's own table of choices taken otherwise: expressions are checked by them. */
  readonly language?: Partial<LanguageChoices>;
  /** What the control plane alone holds: goes on from here and moves it on. Default: nothing. */
  readonly store?: StoreState;
}

export interface Api {
  /** Answers one request under `/client/v4`. Never throws: whatever is sent gets an envelope. */
  fetch(request: Request): Promise<Response>;
  /**
   * The current value of a secret, as a Worker reads it through its binding; undefined if there is none.
   * `store` is the store's id or name.
   */
  secretValue(accountId: string, store: string, name: string): string | undefined;
  /** The text of a Worker's `secret_text` binding; undefined if there is none. */
  workerSecret(accountId: string, script: string, name: string): string | undefined;
  /** The bytes of a KV value; undefined if there is none or it expired. `namespace` is its id or title. */
  kvValue(accountId: string, namespace: string, key: string): Uint8Array | undefined;
}

/**
 * The API of one world. It validates, stores and reads back; what a point of presence enforces goes through
 * the world's commits.
 */
export function createApi(world: World, options: ApiOptions = {}): Api {
  const service: Service = {
    world,
    store: createStore(options.store ?? emptyStore()),
    language: options.language ?? {},
    tokens: createTokenBook(world, options.tokens),
  };
  const { requestsPerFiveMinutes: wanted = limitTable.requestsPerFiveMinutes.value } = options;
  const limit = wanted === false ? undefined : createRequestLimit(world.clock, wanted);
  const server = createServer(service, limit);

  return {
    fetch: (request) => route(request, server),
    secretValue: (accountId, store, name) => secretValue(service.store, accountId, store, name),
    workerSecret: (accountId, script, name) => workerSecret(service.store, accountId, script, name),
    kvValue: (accountId, namespace, key) =>
      kvValue(service.store, accountId, namespace, key, world.clock.now()),
  };
}
