import { z } from "zod";
import type { NamedList } from "../../world/types.ts";
import { jsonBody } from "../body.ts";
import { refusal } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { ListDetails } from "../store.ts";

const path = "/rules/lists";

/** `A/rules/lists[/{id}]`: named lists, `$name` in expressions. Items have a file of their own. */
export const listRoutes: readonly Route[] = [
  accountRoute("POST", path, "lists", create),
  accountRoute("GET", path, "lists", (call) => ok(call.parts.lists.map((each) => answered(call, each)))),
  accountRoute("GET", `${path}/:list_id`, "lists", (call) => ok(answered(call, listOf(call)))),
  accountRoute("PUT", `${path}/:list_id`, "lists", update),
  accountRoute("DELETE", `${path}/:list_id`, "lists", remove),
];

/** The list that the path names, or 404. */
export function listOf(call: AccountCall): NamedList {
  const id = param(call, "list_id");
  const found = call.parts.lists.find((each) => each.id === id);
  if (found === undefined) throw refusal("notFound", { what: "list" });
  return found;
}

/** What the control plane knows beside the items that expressions see. */
export function detailsOf(call: AccountCall, id: string): ListDetails {
  const now = call.world.timestamp();
  return (
    call.store.account(call.accountId).listDetails.get(id) ?? { created_on: now, modified_on: now, items: [] }
  );
}

/** Rules whose expression uses the list. */
function usersOf(call: AccountCall, name: string): number {
  const uses = new RegExp(`\\$${name}\\b`);
  const zones = call.world.zones.filter((zone) => zone.accountId === call.accountId);
  const rulesets = [...zones.flatMap((zone) => call.world.zone(zone.id).rulesets), ...call.parts.rulesets];
  return rulesets.flatMap((each) => each.rules).filter((rule) => uses.test(rule.expression)).length;
}

function create(call: AccountCall): Reply {
  const body = jsonBody(
    call.body,
    z.object({
      // developers.cloudflare.com: lists, names: lower-case letters, digits and _, at most 50 characters.
      name: z.string().regex(/^[a-z0-9_]{1,50}$/, "must be 1 to 50 of a-z, 0-9 and _"),
      kind: z.enum(["ip", "asn", "hostname", "redirect"]),
      description: z.string().max(500).nullish(),
    }),
  );
  if (call.parts.lists.some((each) => each.name === body.name)) {
    throw refusal("doubledName", { what: "list", name: body.name }, "/name");
  }
  const now = call.world.timestamp();
  const made: NamedList = { id: call.world.id("hex32"), name: body.name, kind: body.kind, items: [] };
  call.store.account(call.accountId).listDetails.set(made.id, {
    ...(typeof body.description === "string" ? { description: body.description } : {}),
    created_on: now,
    modified_on: now,
    items: [],
  });
  call.commit("lists", [...call.parts.lists, made]);
  return ok(answered(call, made));
}

/** Only the description can change. */
function update(call: AccountCall): Reply {
  const list = listOf(call);
  const { description } = jsonBody(call.body, z.object({ description: z.string().max(500).nullish() }));
  const { description: _old, ...rest } = detailsOf(call, list.id);
  call.store.account(call.accountId).listDetails.set(list.id, {
    ...rest,
    ...(typeof description === "string" ? { description } : {}),
    modified_on: call.world.timestamp(),
  });
  return ok(answered(call, list));
}

/** A list that a rule uses cannot be deleted. */
function remove(call: AccountCall): Reply {
  const { id, name } = listOf(call);
  const users = usersOf(call, name);
  if (users > 0) throw refusal("inUse", { what: "list", name, by: `${users} rules` });
  call.commit(
    "lists",
    call.parts.lists.filter((each) => each.id !== id),
  );
  call.store.account(call.accountId).listDetails.delete(id);
  return ok({ id });
}

function answered(call: AccountCall, list: NamedList) {
  const { items, ...details } = detailsOf(call, list.id);
  return {
    id: list.id,
    name: list.name,
    kind: list.kind,
    num_items: items.length,
    num_referencing_filters: usersOf(call, list.name),
    ...details,
  };
}
