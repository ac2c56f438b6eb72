import { z } from "zod";
import { jsonBody } from "../body.ts";
import { refusal } from "../errors.ts";
import { paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import { sortedBy } from "../sorting.ts";
import type { KvNamespace } from "../store.ts";

const path = "/storage/kv/namespaces";

/** `A/storage/kv/namespaces[/{id}]`. */
export const namespaceRoutes: readonly Route[] = [
  accountRoute("POST", path, "kv", create),
  accountRoute("GET", path, "kv", list),
  accountRoute("GET", `${path}/:namespace_id`, "kv", (call) => ok(answered(namespaceOf(call)))),
  accountRoute("PUT", `${path}/:namespace_id`, "kv", rename),
  accountRoute("DELETE", `${path}/:namespace_id`, "kv", remove),
];

/** The namespace that the path names, or 404. */
export function namespaceOf(call: AccountCall): KvNamespace {
  const found = namespacesOf(call).get(param(call, "namespace_id"));
  if (found === undefined) {
    throw refusal("notFound", { what: "namespace" });
  }
  return found;
}

function namespacesOf(call: AccountCall): Map<string, KvNamespace> {
  return call.store.account(call.accountId).namespaces;
}

function titleOf(call: AccountCall, ownId: string | undefined): string {
  const { title } = jsonBody(call.body, z.object({ title: z.string().min(1).max(512) }));
  if ([...namespacesOf(call).values()].some((each) => each.title === title && each.id !== ownId)) {
    throw refusal("doubledName", { what: "namespace", name: title }, "/title");
  }
  return title;
}

function create(call: AccountCall): Reply {
  const title = titleOf(call, undefined);
  const made: KvNamespace = { id: call.world.id("hex32"), title, values: new Map() };
  namespacesOf(call).set(made.id, made);
  return ok(answered(made));
}

function list(call: AccountCall): Reply {
  const items = [...namespacesOf(call).values()].map(answered);
  return paged(call.query, sortedBy(call.query, items, ["id", "title"]));
}

function rename(call: AccountCall): Reply {
  const before = namespaceOf(call);
  const changed: KvNamespace = { ...before, title: titleOf(call, before.id) };
  namespacesOf(call).set(changed.id, changed);
  return ok(answered(changed));
}

function remove(call: AccountCall): Reply {
  const { id } = namespaceOf(call);
  namespacesOf(call).delete(id);
  return ok({ id });
}

function answered({ id, title }: KvNamespace) {
  return { id, title, supports_url_encoding: true };
}
