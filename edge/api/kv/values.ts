import { bodyLimits, jsonOf, textOf } from "../body.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import { cursorPaged, wholeNumber } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { KvNamespace, KvValue, Store } from "../store.ts";
import { namespaceOf } from "./namespaces.ts";

const path = "/storage/kv/namespaces/:namespace_id";

/** `A/storage/kv/namespaces/{id}/values|metadata|keys`. */
export const kvValueRoutes: readonly Route[] = [
  accountRoute("PUT", `${path}/values/:key_name`, "kv", write, { body: bodyLimits.value }),
  accountRoute("GET", `${path}/values/:key_name`, "kv", read),
  accountRoute("DELETE", `${path}/values/:key_name`, "kv", remove),
  accountRoute("GET", `${path}/metadata/:key_name`, "kv", (call) => ok(storedValue(call).metadata ?? null)),
  accountRoute("GET", `${path}/keys`, "kv", listKeys),
];

/** The value under `key` unless it expired; `now` in milliseconds since the epoch. */
function liveValue(namespace: KvNamespace, key: string, now: number): KvValue | undefined {
  const found = namespace.values.get(key);
  if (found?.expiration === undefined) return found;
  return found.expiration * 1000 > now ? found : undefined;
}

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

function storedValue(call: AccountCall): KvValue {
  const found = liveValue(namespaceOf(call), param(call, "key_name"), call.world.clock.now());
  if (found === undefined) throw refusal("notFound", { what: "key" });
  return found;
}

/** A form with `value` and, if set, `metadata` (JSON text); or the value alone as the body. */
function write(call: AccountCall): Reply {
  const namespace = namespaceOf(call);
  const key = param(call, "key_name");
  const value = call.body.parts === undefined ? call.body : formPart(call, "value");
  const metadata = formPart(call, "metadata");
  const problems: Problem[] = [];
  const keyLimit = call.limit("kvKeyBytes");
  const metadataLimit = call.limit("kvMetadataBytes");
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > keyLimit) {
    problems.push(problem("valueTooLong", { where: "key", length: keyBytes, limit: keyLimit }));
  }
  if (metadata !== undefined && metadata.bytes.length > metadataLimit) {
    const length = metadata.bytes.length;
    problems.push(problem("valueTooLong", { where: "metadata", length, limit: metadataLimit }));
  }
  if (value === undefined) problems.push(problem("invalidForm", { what: "the form has no part value" }));
  const expiration = expirationOf(call, problems);
  refuseIfAny(problems);
  namespace.values.set(key, {
    bytes: value?.bytes ?? new Uint8Array(),
    ...(metadata === undefined ? {} : { metadata: jsonOf(textOf(metadata.bytes)) }),
    ...(expiration === undefined ? {} : { expiration }),
  });
  return ok({});
}

function formPart(call: AccountCall, name: string) {
  return call.body.parts?.find((each) => each.name === name);
}

/** Expiry in seconds since the epoch: at least 60 s away (developers.cloudflare.com: KV, expiring keys). */
function expirationOf(call: AccountCall, problems: Problem[]): number | undefined {
  const now = Math.floor(call.world.clock.now() / 1000);
  const most = Number.MAX_SAFE_INTEGER;
  const ttl = wholeNumber(call.query, "expiration_ttl", 0, { least: 60, most }, problems);
  if (ttl > 0) return now + ttl;
  const at = wholeNumber(call.query, "expiration", 0, { least: now + 60, most }, problems);
  return at > 0 ? at : undefined;
}

/** The value itself, not an envelope. */
function read(call: AccountCall): Reply {
  const value = storedValue(call);
  return {
    kind: "raw",
    status: 200,
    contentType: "application/octet-stream",
    body: value.bytes,
    ...(value.expiration === undefined ? {} : { headers: { expiration: String(value.expiration) } }),
  };
}

/** Deleting a key that does not exist succeeds as well. */
function remove(call: AccountCall): Reply {
  namespaceOf(call).values.delete(param(call, "key_name"));
  return ok({});
}

function listKeys(call: AccountCall): Reply {
  const namespace = namespaceOf(call);
  const problems: Problem[] = [];
  const size = wholeNumber(call.query, "limit", 1000, { least: 10, most: 1000 }, problems);
  refuseIfAny(problems);
  const prefix = call.query.get("prefix") ?? "";
  const now = call.world.clock.now();
  const keys = [...namespace.values.keys()]
    .filter((name) => name.startsWith(prefix) && liveValue(namespace, name, now) !== undefined)
    .toSorted()
    .map((name) => {
      const { expiration, metadata } = namespace.values.get(name) ?? {};
      return {
        name,
        ...(expiration === undefined ? {} : { expiration }),
        ...(metadata === undefined ? {} : { metadata }),
      };
    });
  return cursorPaged(call.query, keys, { size, place: "cursor" });
}
