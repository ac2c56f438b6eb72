import { z } from "zod";
import { normalizeHost } from "../../world/selector.ts";
import type { Operation } from "../../world/types.ts";
import { bodyLimits, jsonBody } from "../body.ts";
import { problem, refusal, refuseIfAny } from "../errors.ts";
import { manyOf, paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { sortedBy } from "../sorting.ts";
import { isHost, normalizeEndpoint } from "./normalize.ts";

const path = "/api_gateway/operations";

/** `Z/api_gateway/operations…`: saved operations (Endpoint Management). There is no update. */
export const operationRoutes: readonly Route[] = [
  zoneRoute("POST", `${path}/item`, "apiGateway", createOne),
  zoneRoute("POST", path, "apiGateway", createMany, { body: bodyLimits.many }),
  zoneRoute("GET", path, "apiGateway", list),
  zoneRoute("DELETE", path, "apiGateway", removeMany, { body: bodyLimits.many }),
  zoneRoute("GET", `${path}/:operation_id`, "apiGateway", (call) => ok(operationOf(call))),
  zoneRoute("DELETE", `${path}/:operation_id`, "apiGateway", remove),
];

/** Source: types of the official SDK cloudflare 7.3.0 (asOf 2026-11). */
const methods = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "CONNECT", "PATCH", "TRACE"] as const;

function sentOperation(call: ZoneCall) {
  return z.object({
    method: z.enum(methods),
    host: z.string().refine(isHost, "must be a host name (RFC 3986), templates fill whole labels"),
    endpoint: z
      .string()
      .max(call.limit("endpointLength"))
      .regex(/^\/.*$/, "must begin with /"),
  });
}

type SentOperation = z.infer<ReturnType<typeof sentOperation>>;

function operationOf(call: ZoneCall): Operation {
  const id = param(call, "operation_id");
  const found = call.parts.operations.find((each) => each.operation_id === id);
  if (found === undefined) {
    throw refusal("notFound", { what: "operation" });
  }
  return found;
}

function createOne(call: ZoneCall): Reply {
  const [made] = created(call, [jsonBody(call.body, sentOperation(call))]);
  return ok(made);
}

function createMany(call: ZoneCall): Reply {
  return ok(created(call, jsonBody(call.body, z.array(sentOperation(call)))));
}

/** Creating is idempotent: an operation with the same normalized method, host and path is answered instead. */
function created(call: ZoneCall, sent: readonly SentOperation[]): readonly Operation[] {
  const keyOf = (each: Pick<Operation, "method" | "host" | "endpoint">): string =>
    `${each.method} ${each.host} ${each.endpoint}`;
  const all = new Map(call.parts.operations.map((each) => [keyOf(each), each]));
  const answers = sent.map(({ method, host: sentHost, endpoint: sentEndpoint }) => {
    const host = normalizeHost(sentHost);
    const endpoint = normalizeEndpoint(sentEndpoint);
    const key = keyOf({ method, host, endpoint });
    const same = all.get(key);
    if (same !== undefined) return same;
    const made: Operation = {
      operation_id: call.world.id("uuid"),
      last_updated: call.world.timestamp(),
      endpoint,
      host,
      method,
    };
    all.set(key, made);
    return made;
  });
  if (all.size === call.parts.operations.length) return answers;
  const limit = call.limit("savedOperations");
  if (all.size > limit) throw refusal("tooMany", { what: "saved operations", count: all.size, limit });
  call.commit("operations", [...all.values()]);
  return answers;
}

function list(call: ZoneCall): Reply {
  const hosts = manyOf(call.query, "host");
  const wantedMethods = manyOf(call.query, "method");
  const endpoint = call.query.get("endpoint") ?? "";
  const found = call.parts.operations.filter(
    (each) =>
      (hosts.length === 0 || hosts.includes(each.host)) &&
      (wantedMethods.length === 0 || wantedMethods.includes(each.method)) &&
      each.endpoint.includes(endpoint),
  );
  // Thresholds are never computed here, so an order by one leaves the list as it is.
  const order = call.query.get("order") ?? "";
  if (order.startsWith("thresholds.")) return paged(call.query, found);
  return paged(call.query, sortedBy(call.query, found, ["method", "host", "endpoint"]));
}

function remove(call: ZoneCall): Reply {
  const { operation_id: id } = operationOf(call);
  call.commit(
    "operations",
    call.parts.operations.filter((each) => each.operation_id !== id),
  );
  return ok(undefined);
}

/** Deletes the operations named by `[{operation_id}]`, all of them or none; the answer has no `result`. */
function removeMany(call: ZoneCall): Reply {
  if (call.body.bytes.length === 0) {
    call.commit("operations", []);
    return ok(undefined);
  }
  const body = jsonBody(call.body, z.array(z.object({ operation_id: z.string() })));
  const known = new Set(call.parts.operations.map((each) => each.operation_id));
  refuseIfAny(
    body.flatMap(({ operation_id: id }, index) =>
      known.has(id)
        ? []
        : [problem("unknownOperation", { where: `[${index}].operation_id`, id }, `/${index}/operation_id`)],
    ),
  );
  const gone = new Set(body.map((each) => each.operation_id));
  call.commit(
    "operations",
    call.parts.operations.filter((each) => !gone.has(each.operation_id)),
  );
  return ok(undefined);
}
