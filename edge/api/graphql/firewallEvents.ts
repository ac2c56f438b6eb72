import { z } from "zod";
import { jsonBody } from "../body.ts";
import type { Reply } from "../reply.ts";
import { type Call, plainRoute, type Route } from "../route.ts";
import type { SecurityEvent } from "../securityEvents.ts";
import {
  GraphqlError,
  type GraphqlField,
  type GraphqlObject,
  type GraphqlValue,
  parseQuery,
} from "./parse.ts";

/** Where queries go. */
export const graphqlPath = "/graphql";

/** `POST /graphql`: `viewer { zones(filter: {zoneTag}) { firewallEventsAdaptive(filter, limit, orderBy) } }`. */
export const graphqlRoutes: readonly Route[] = [
  plainRoute("POST", graphqlPath, "analytics", answer, { access: "read" }),
];

const requestBody = z.object({
  query: z.string().max(100_000),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** Most events that one query answers (developers.cloudflare.com: GraphQL Analytics, limits; asOf 2026-11). */
const mostEvents = 10_000;

/** GraphQL answers 200 with `data` and `errors`, not the envelope of the REST API. */
function answer(call: Call): Reply {
  const { query, variables } = jsonBody(call.body, requestBody);
  let body: unknown;
  try {
    const fields = parseQuery(query, (variables ?? {}) as GraphqlObject);
    body = { data: selected(fields, { viewer: (field) => viewer(call, field) }), errors: null };
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error;
    const locations = error.location === undefined ? [] : [error.location];
    body = { data: null, errors: [{ message: error.message, locations }] };
  }
  return { kind: "raw", status: 200, contentType: "application/json", body: JSON.stringify(body) };
}

type Resolvers = Readonly<Record<string, (field: GraphqlField) => unknown>>;

function selected(fields: readonly GraphqlField[], resolvers: Resolvers): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => {
      const resolve = Object.hasOwn(resolvers, field.name) ? resolvers[field.name] : undefined;
      if (resolve === undefined) throw unknown(field);
      return [field.alias, resolve(field)];
    }),
  );
}

function unknown(field: GraphqlField): GraphqlError {
  return new GraphqlError(`unknown field "${field.name}"`);
}

function viewer(call: Call, field: GraphqlField): unknown {
  return selected(field.fields, {
    zones: (zones) => {
      const filter = objectOf(zones.arguments.filter);
      const tags = filter.zoneTag_in === undefined ? [filter.zoneTag] : listOf(filter.zoneTag_in);
      const seen = call.principal?.grant.zones;
      return call.world.zones
        .filter((zone) => tags.includes(zone.id))
        .filter((zone) => seen === undefined || seen.includes(zone.id))
        .map((zone) =>
          selected(zones.fields, {
            zoneTag: () => zone.id,
            firewallEventsAdaptive: (events) => eventRows(call.events(zone.id), events),
          }),
        );
    },
  });
}

function eventRows(events: readonly SecurityEvent[], field: GraphqlField): readonly unknown[] {
  const { filter, limit, orderBy } = field.arguments;
  const wanted = events.filter((event) => matches(event, objectOf(filter)));
  const ordered = listOf(orderBy ?? []).reduceRight<readonly SecurityEvent[]>(
    (rows, order) => sorted(rows, String(order)),
    wanted,
  );
  const most = typeof limit === "number" ? Math.min(limit, mostEvents) : mostEvents;
  return ordered
    .slice(0, Math.max(0, most))
    .map((event) => Object.fromEntries(field.fields.map((each) => [each.alias, event[each.name] ?? null])));
}

/** `AND` and `OR` of filters; otherwise `member`, `member_neq`, `_in`, `_gt`, `_geq`, `_lt`, `_leq`, `_like`. */
function matches(event: SecurityEvent, filter: GraphqlObject): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === "AND") return listOf(wanted).every((each) => matches(event, objectOf(each)));
    if (key === "OR") return listOf(wanted).some((each) => matches(event, objectOf(each)));
    const [, member = key, operator = "eq"] = /^(.+?)_(neq|in|notin|gt|geq|lt|leq|like)$/.exec(key) ?? [];
    return compared(event[member], operator, wanted);
  });
}

function compared(seen: unknown, operator: string, wanted: GraphqlValue): boolean {
  const order = orderOf(seen, wanted);
  switch (operator) {
    case "eq":
      return order === 0;
    case "neq":
      return order !== 0;
    case "in":
      return listOf(wanted).some((each) => orderOf(seen, each) === 0);
    case "notin":
      return !listOf(wanted).some((each) => orderOf(seen, each) === 0);
    case "gt":
      return order > 0;
    case "geq":
      return order >= 0;
    case "lt":
      return order < 0;
    case "leq":
      return order <= 0;
    default:
      return isLike(String(seen ?? ""), String(wanted));
  }
}

/** Negative, zero or positive; texts that are both times compare as times. */
function orderOf(seen: unknown, wanted: unknown): number {
  if (typeof seen === "number" && typeof wanted === "number") return seen - wanted;
  const [a, b] = [String(seen ?? ""), String(wanted ?? "")];
  const isTime = /^\d{4}-\d\d-\d\dT/;
  if (isTime.test(a) && isTime.test(b)) return Date.parse(a) - Date.parse(b);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** SQL's LIKE: `%` is any text. Each part is looked for once, from left to right. */
function isLike(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("%");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function sorted(rows: readonly SecurityEvent[], order: string): readonly SecurityEvent[] {
  const [, member = "", direction] = /^(.+)_(ASC|DESC)$/.exec(order) ?? [];
  if (direction === undefined) throw new GraphqlError(`unknown order "${order}"`);
  const sign = direction === "ASC" ? 1 : -1;
  return rows.toSorted((a, b) => sign * orderOf(a[member], b[member]));
}

function objectOf(value: GraphqlValue | undefined): GraphqlObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as GraphqlObject) : {};
}

function listOf(value: GraphqlValue): readonly GraphqlValue[] {
  return Array.isArray(value) ? (value as readonly GraphqlValue[]) : [value];
}
