import { isIP } from "node:net";
import { z } from "zod";
import type { NamedList } from "../../world/types.ts";
import { bodyLimits, jsonBody } from "../body.ts";
import { problem, refusal, refuseIfAny } from "../errors.ts";
import { cursorPaged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { ListItem } from "../store.ts";
import { detailsOf, listOf } from "./lists.ts";

const path = "/rules/lists/:list_id/items";

/**
 * `A/rules/lists/{id}/items…` and the bulk operations behind it. Cloudflare changes items in the background
 * and answers an operation id; here the operation has ended when the answer is sent.
 */
export const listItemRoutes: readonly Route[] = [
  accountRoute("GET", path, "lists", list),
  accountRoute("POST", path, "lists", (call) => write(call, itemsOf(call)), { body: bodyLimits.many }),
  accountRoute("PUT", path, "lists", (call) => write(call, []), { body: bodyLimits.many }),
  accountRoute("DELETE", path, "lists", remove, { body: bodyLimits.many }),
  accountRoute("GET", `${path}/:item_id`, "lists", read),
  accountRoute("GET", "/rules/lists/bulk_operations/:operation_id", "lists", (call) =>
    ok({ id: param(call, "operation_id"), status: "completed", completed: call.world.timestamp() }),
  ),
];

const comment = z.string().max(500).nullish();
const itemSchemas = {
  ip: z.object({ ip: z.string().refine(isAddress, "must be an address or a CIDR block"), comment }),
  asn: z.object({ asn: z.number().int().min(0).max(4_294_967_295), comment }),
  hostname: z.object({
    hostname: z.object({
      url_hostname: z.string().min(1).max(255),
      /** Of `*.example.com`: whether `example.com` itself is left out; default true. */
      exclude_exact_hostname: z.boolean().optional(),
    }),
    comment,
  }),
  redirect: z.object({
    redirect: z.looseObject({ source_url: z.string().min(1), target_url: z.string().min(1) }),
    comment,
  }),
} as const;

const longestPage = 500;

function isAddress(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function itemsOf(call: AccountCall): readonly ListItem[] {
  return detailsOf(call, listOf(call).id).items;
}

/** Adds items (POST) or replaces all of them (PUT). An item that is there already is replaced. */
function write(call: AccountCall, kept: readonly ListItem[]): Reply {
  const target = listOf(call);
  const body = jsonBody(call.body, z.array(itemSchemas[target.kind] as z.ZodType<Record<string, unknown>>));
  const now = call.world.timestamp();
  const items = new Map(kept.map((each) => [textValue(target.kind, each.sent), each]));
  for (const sent of body) {
    items.set(textValue(target.kind, sent), {
      id: call.world.id("hex32"),
      sent: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null)),
      created_on: now,
      modified_on: now,
    });
  }
  return stored(call, target, [...items.values()]);
}

function remove(call: AccountCall): Reply {
  const target = listOf(call);
  const items = itemsOf(call);
  const named = z.object({ items: z.array(z.object({ id: z.string() })).optional() });
  const body = call.body.bytes.length === 0 ? {} : jsonBody(call.body, named);
  // As with operations and secrets: what a client that names nothing has to be afraid of.
  if (body.items === undefined) return stored(call, target, []);
  const known = new Set(items.map((each) => each.id));
  refuseIfAny(
    body.items.flatMap(({ id }, index) =>
      known.has(id) ? [] : [problem("notFound", { what: "list item" }, `/items/${index}/id`)],
    ),
  );
  const gone = new Set(body.items.map((each) => each.id));
  return stored(
    call,
    target,
    items.filter((each) => !gone.has(each.id)),
  );
}

function list(call: AccountCall): Reply {
  const search = call.query.get("search") ?? "";
  const kind = listOf(call).kind;
  const items = itemsOf(call).filter((each) => textValue(kind, each.sent).includes(search));
  return cursorPaged(call.query, items.map(answered), { size: longestPage, place: "cursors.after" });
}

function read(call: AccountCall): Reply {
  const id = param(call, "item_id");
  const found = itemsOf(call).find((each) => each.id === id);
  if (found === undefined) {
    throw refusal("notFound", { what: "list item" });
  }
  return ok(answered(found));
}

function stored(call: AccountCall, target: NamedList, items: readonly ListItem[]): Reply {
  call.store.account(call.accountId).listDetails.set(target.id, {
    ...detailsOf(call, target.id),
    modified_on: call.world.timestamp(),
    items,
  });
  const values = items.flatMap((each) => textsOf(target.kind, each.sent));
  call.commit(
    "lists",
    call.parts.lists.map((each) => (each.id === target.id ? { ...each, items: values } : each)),
  );
  return ok({ operation_id: call.world.id("hex32") });
}

/** The texts by which expressions see an item. */
function textsOf(kind: NamedList["kind"], sent: Readonly<Record<string, unknown>>): readonly string[] {
  const text = textValue(kind, sent);
  const withApex =
    kind === "hostname" &&
    text.startsWith("*.") &&
    (sent[kind] as Readonly<Record<string, unknown>>).exclude_exact_hostname === false;
  return withApex ? [text, text.slice("*.".length)] : [text];
}

/** What tells items of a list apart. */
function textValue(kind: NamedList["kind"], sent: Readonly<Record<string, unknown>>): string {
  if (kind === "ip" || kind === "asn") return String(sent[kind]);
  const nested = sent[kind] as Readonly<Record<string, unknown>>;
  return String(kind === "hostname" ? nested.url_hostname : nested.source_url);
}

function answered(item: ListItem) {
  const { sent, ...rest } = item;
  return { ...rest, ...sent };
}
