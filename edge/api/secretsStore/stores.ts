import { z } from "zod";
import { jsonBody } from "../body.ts";
import { refusal } from "../errors.ts";
import { paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import { sortedBy } from "../sorting.ts";
import type { SecretsStore } from "../store.ts";

const path = "/secrets_store/stores";

/** `A/secrets_store/stores[/{id}]`. */
export const storeRoutes: readonly Route[] = [
  accountRoute("POST", path, "secretsStore", create),
  accountRoute("GET", path, "secretsStore", list),
  accountRoute("GET", `${path}/:store_id`, "secretsStore", (call) => ok(answered(storeOf(call)))),
  accountRoute("DELETE", `${path}/:store_id`, "secretsStore", remove),
];

/** All stores of the account of `call`, by id. */
export function storesOf(call: AccountCall): Map<string, SecretsStore> {
  return call.store.account(call.accountId).secretsStores;
}

/** The store that the path names, or 404. */
export function storeOf(call: AccountCall): SecretsStore {
  const store = storesOf(call).get(param(call, "store_id"));
  if (store === undefined) throw refusal("notFound", { what: "store" });
  return store;
}

/** A name of a store or secret: no blanks. */
export const nameSchema = z.string().min(1).max(255).regex(/^\S+$/, "must not contain blanks");

function create(call: AccountCall): Reply {
  const { name } = jsonBody(call.body, z.object({ name: nameSchema }));
  const stores = storesOf(call);
  if ([...stores.values()].some((each) => each.name === name)) {
    throw refusal("doubledName", { what: "store", name }, "/name");
  }
  const limit = call.limit("storesPerAccount");
  if (stores.size >= limit) throw refusal("tooMany", { what: "stores", count: stores.size + 1, limit });
  const now = call.world.timestamp();
  const made: SecretsStore = {
    id: call.world.id("hex32"),
    name,
    created: now,
    modified: now,
    secrets: new Map(),
  };
  stores.set(made.id, made);
  return ok(answered(made));
}

function list(call: AccountCall): Reply {
  const items = [...storesOf(call).values()].map(answered);
  return paged(call.query, sortedBy(call.query, items, ["name", "created", "modified"]));
}

/** A store that is not empty answers 409, unless `force` cascades. */
function remove(call: AccountCall): Reply {
  const store = storeOf(call);
  if (store.secrets.size > 0 && call.query.get("force") !== "true") {
    throw refusal("storeNotEmpty", { id: store.id });
  }
  storesOf(call).delete(store.id);
  return ok({ id: store.id });
}

function answered({ id, name, created, modified }: SecretsStore) {
  return { id, name, created, modified };
}
