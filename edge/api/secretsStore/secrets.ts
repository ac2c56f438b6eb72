import { z } from "zod";
import { bodyLimits, jsonBody } from "../body.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import { manyOf, paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import { sortedBy } from "../sorting.ts";
import type { SecretsStore, Store, StoredSecret } from "../store.ts";
import { nameSchema, storeOf, storesOf } from "./stores.ts";

const path = "/secrets_store/stores/:store_id/secrets";

/** `A/secrets_store/stores/{id}/secrets…` and the quota. A value is written and never answered. */
export const secretRoutes: readonly Route[] = [
  accountRoute("POST", path, "secretsStore", create, { body: bodyLimits.secrets }),
  accountRoute("GET", path, "secretsStore", list),
  accountRoute("DELETE", path, "secretsStore", removeMany),
  accountRoute("GET", `${path}/:secret_id`, "secretsStore", (call) => ok(answered(secretOf(call).secret))),
  accountRoute("PATCH", `${path}/:secret_id`, "secretsStore", update, { body: bodyLimits.secrets }),
  accountRoute("DELETE", `${path}/:secret_id`, "secretsStore", remove),
  accountRoute("POST", `${path}/:secret_id/duplicate`, "secretsStore", duplicate),
  accountRoute("GET", "/secrets_store/quota", "secretsStore", quota),
];

/** Source: types of the official SDK cloudflare 7.3.0 (asOf 2026-11). */
const scopes = z
  .array(z.enum(["workers", "ai_gateway", "dex", "access", "containers", "websearch"]))
  // Answered in alphabetical order, whatever was sent (Pulumi's text on the resource, asOf 2026-11).
  .transform((sent) => sent.toSorted());

const creation = z.array(
  z.object({ name: nameSchema, value: z.string(), scopes, comment: z.string().nullish() }),
);

function usage(call: AccountCall): number {
  return [...storesOf(call).values()].reduce((sum, store) => sum + store.secrets.size, 0);
}

function secretOf(call: AccountCall): { readonly store: SecretsStore; readonly secret: StoredSecret } {
  const store = storeOf(call);
  const secret = store.secrets.get(param(call, "secret_id"));
  if (secret === undefined) {
    throw refusal("notFound", { what: "secret" });
  }
  return { store, secret };
}

/** Takes an array and answers one; all of it is stored or nothing. */
function create(call: AccountCall): Reply {
  const store = storeOf(call);
  const body = jsonBody(call.body, creation);
  refuseIfAny(quotaProblems(call, body.length));
  const problems: Problem[] = [];
  const taken = new Set([...store.secrets.values()].map((each) => each.name));
  body.forEach((each, index) => {
    problems.push(...valueProblems(call, each.value, `/${index}/value`));
    if (taken.has(each.name)) {
      problems.push(problem("doubledName", { what: "secret", name: each.name }, `/${index}/name`));
    }
    taken.add(each.name);
  });
  refuseIfAny(problems);
  return ok(body.map((each) => answered(stored(call, store, each))));
}

function list(call: AccountCall): Reply {
  const search = call.query.get("search") ?? "";
  const wanted = manyOf(call.query, "scopes");
  const items = [...storeOf(call).secrets.values()]
    .filter((each) => each.name.includes(search) || (each.comment ?? "").includes(search))
    .filter((each) => wanted.every((scope) => each.scopes.includes(scope)))
    .map(answered);
  return paged(call.query, sortedBy(call.query, items, ["name", "comment", "created", "modified", "status"]));
}

function update(call: AccountCall): Reply {
  const { store, secret } = secretOf(call);
  const body = jsonBody(
    call.body,
    z.object({
      value: z.string().optional(),
      scopes: scopes.optional(),
      comment: z.string().nullish(),
    }),
  );
  if (body.value !== undefined) refuseIfAny(valueProblems(call, body.value, "/value"));
  const { comment: oldComment, ...rest } = secret;
  const comment = body.comment === undefined ? oldComment : body.comment;
  const changed: StoredSecret = {
    ...rest,
    value: body.value ?? secret.value,
    scopes: body.scopes ?? secret.scopes,
    modified: call.world.timestamp(),
    ...(typeof comment === "string" ? { comment } : {}),
  };
  store.secrets.set(changed.id, changed);
  return ok(answered(changed));
}

function remove(call: AccountCall): Reply {
  const { store, secret } = secretOf(call);
  store.secrets.delete(secret.id);
  return ok(null);
}

/** Deletes the secrets named by `[{id}]`; all of them or none. */
function removeMany(call: AccountCall): Reply {
  const store = storeOf(call);
  if (call.body.bytes.length === 0) {
    store.secrets.clear();
    return ok(null);
  }
  const body = jsonBody(call.body, z.array(z.object({ id: z.string() })));
  const unknown = body.findIndex((each) => !store.secrets.has(each.id));
  if (unknown !== -1) throw refusal("notFound", { what: "secret" }, `/${unknown}/id`);
  for (const { id } of body) store.secrets.delete(id);
  return ok(null);
}

/** A second secret with the same value under another name. */
function duplicate(call: AccountCall): Reply {
  const { store, secret } = secretOf(call);
  const body = jsonBody(call.body, z.object({ name: nameSchema, scopes, comment: z.string().nullish() }));
  refuseIfAny([
    ...quotaProblems(call, 1),
    ...([...store.secrets.values()].some((each) => each.name === body.name)
      ? [problem("doubledName", { what: "secret", name: body.name }, "/name")]
      : []),
  ]);
  return ok(answered(stored(call, store, { ...body, value: secret.value })));
}

function quota(call: AccountCall): Reply {
  return ok({ secrets: { quota: call.limit("secretsPerAccount"), usage: usage(call) } });
}

function quotaProblems(call: AccountCall, more: number): readonly Problem[] {
  const count = usage(call) + more;
  const limit = call.limit("secretsPerAccount");
  return count > limit ? [problem("tooMany", { what: "secrets", count, limit })] : [];
}

function valueProblems(call: AccountCall, value: string, pointer: string): readonly Problem[] {
  const length = Buffer.byteLength(value);
  const limit = call.limit("secretBytes");
  return length > limit ? [problem("valueTooLong", { where: "value", length, limit }, pointer)] : [];
}

function stored(
  call: AccountCall,
  store: SecretsStore,
  sent: {
    readonly name: string;
    readonly value: string;
    readonly scopes: readonly string[];
    readonly comment?: string | null | undefined;
  },
): StoredSecret {
  const now = call.world.timestamp();
  const made: StoredSecret = {
    id: call.world.id("hex32"),
    store_id: store.id,
    name: sent.name,
    value: sent.value,
    scopes: sent.scopes,
    created: now,
    modified: now,
    ...(typeof sent.comment === "string" ? { comment: sent.comment } : {}),
  };
  store.secrets.set(made.id, made);
  return made;
}

function answered(secret: StoredSecret) {
  const { value: _value, ...rest } = secret;
  return { ...rest, status: "active" };
}

/** The store of an account by id or name. */
function storeNamed(store: Store, accountId: string, nameOrId: string): SecretsStore | undefined {
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
