import type { FieldRow } from "./fieldRow.ts";
import { bodyFields } from "./fieldsOfBody.ts";
import { claimFields } from "./fieldsOfClaims.ts";
import { responsePhases } from "./phases.ts";
import type { RequestFields } from "./request.ts";
import type { Type, Value } from "./values.ts";

const reference = "developers.cloudflare.com: ruleset-engine/rules-language/fields/reference";

function field(
  name: string,
  type: Type,
  read: FieldRow["read"],
  more: Partial<Omit<FieldRow, "name" | "type" | "read">> = {},
): FieldRow {
  return { name, type, read, source: reference, asOf: "2026-11", ...more };
}

/** A field that the pipeline supplies by name, with the value it has where the pipeline says nothing. */
function supplied(
  name: string,
  type: Type,
  otherwise: Value | undefined,
  more: Partial<FieldRow> = {},
): FieldRow {
  return field(name, type, (request) => request.input.others?.[name] ?? otherwise, more);
}

function firstHeader(request: RequestFields, name: string): string | undefined {
  return request.headers.map.get(name)?.[0];
}

/** The part after the last dot of the last segment, in lower case. */
function extension(path: string): string | undefined {
  const segment = path.slice(path.lastIndexOf("/") + 1);
  const dot = segment.lastIndexOf(".");
  return dot < 0 ? undefined : segment.slice(dot + 1).toLowerCase();
}

function uri(path: string, query: string): string {
  return query === "" ? path : `${path}?${query}`;
}

function rawPath(request: RequestFields): string {
  return request.input.rawPath ?? request.path;
}

function rawQuery(request: RequestFields): string {
  return request.input.rawQuery ?? request.query;
}

const requestFields: readonly FieldRow[] = [
  field("http.host", "String", (r) => r.host, { rateLimit: "pro" }),
  field("http.request.method", "String", (r) => r.method, { rateLimit: "business" }),
  field("http.request.full_uri", "String", (r) => `${r.scheme}://${r.host}${r.uri}`, { rateLimit: "pro" }),
  field("http.request.uri", "String", (r) => r.uri, { rateLimit: "pro" }),
  field("http.request.uri.path", "String", (r) => r.path, { rateLimit: "free" }),
  field("http.request.uri.path.extension", "String", (r) => extension(r.path), {
    rateLimit: "free",
    absent: "absentExtension",
  }),
  field("http.request.uri.query", "String", (r) => r.query, { rateLimit: "pro" }),
  field("http.request.uri.args", "Map<Array<String>>", (r) => r.arguments.map, { rateLimit: "pro" }),
  field("http.request.uri.args.names", "Array<String>", (r) => r.arguments.names, { rateLimit: "pro" }),
  field("http.request.uri.args.values", "Array<String>", (r) => r.arguments.values, { rateLimit: "pro" }),
  field(
    "raw.http.request.full_uri",
    "String",
    (r) => `${r.scheme}://${r.host}${uri(rawPath(r), rawQuery(r))}`,
  ),
  field("raw.http.request.uri", "String", (r) => uri(rawPath(r), rawQuery(r))),
  field("raw.http.request.uri.path", "String", rawPath),
  field("raw.http.request.uri.path.extension", "String", (r) => extension(rawPath(r)), {
    absent: "absentExtension",
  }),
  field("raw.http.request.uri.query", "String", rawQuery),
  field("raw.http.request.uri.args", "Map<Array<String>>", (r) => r.rawArguments.map),
  field("raw.http.request.uri.args.names", "Array<String>", (r) => r.rawArguments.names),
  field("raw.http.request.uri.args.values", "Array<String>", (r) => r.rawArguments.values),
  field("http.request.version", "String", (r) => r.input.version ?? "HTTP/1.1"),
  field("http.request.headers", "Map<Array<String>>", (r) => r.headers.map, { rateLimit: "enterprise" }),
  field("http.request.headers.names", "Array<String>", (r) => r.headers.names, { rateLimit: "enterprise" }),
  field("http.request.headers.values", "Array<String>", (r) => r.headers.values, { rateLimit: "enterprise" }),
  field("http.request.headers.truncated", "Bool", (r) => r.input.headersTruncated ?? false, {
    rateLimit: "enterprise",
  }),
  field("http.user_agent", "String", (r) => firstHeader(r, "user-agent"), {
    rateLimit: "business",
    absent: "absentHeaderField",
  }),
  field("http.referer", "String", (r) => firstHeader(r, "referer"), { absent: "absentHeaderField" }),
  field("http.cookie", "String", (r) => r.headers.map.get("cookie")?.join("; "), {
    absent: "absentHeaderField",
  }),
  field("http.request.cookies", "Map<Array<String>>", (r) => r.cookies, { plan: "pro" }),
  field("http.request.timestamp.sec", "Integer", (r) => r.timestampSec),
  field("http.request.timestamp.msec", "Integer", (r) => ((r.timestampMs % 1000) + 1000) % 1000),
  field("ssl", "Bool", (r) => r.scheme === "https"),
];

const addressFields: readonly FieldRow[] = [
  field("ip.src", "IP", (r) => r.ip, { rateLimit: "business", characteristic: "free" }),
  field("ip.src.asnum", "Integer", (r) => r.input.asn),
  field("ip.src.country", "String", (r) => r.input.country),
  field("ip.src.continent", "String", (r) => r.input.continent),
  field("ip.geoip.asnum", "Integer", (r) => r.input.asn),
  field("ip.geoip.country", "String", (r) => r.input.country),
  field("ip.geoip.continent", "String", (r) => r.input.continent),
];

const edgeFields: readonly FieldRow[] = [
  supplied("cf.client.bot", "Bool", false, { rateLimit: "free" }),
  supplied("cf.api_gateway.auth_id_present", "Bool", false, { plan: "enterprise", addOn: "api_shield" }),
  supplied("cf.api_gateway.fallthrough_detected", "Bool", false, { plan: "enterprise", addOn: "api_shield" }),
  supplied("cf.ray_id", "String", undefined),
  supplied("cf.waf.score", "Integer", 100, { plan: "enterprise" }),
  supplied("cf.threat_score", "Integer", 0),
  supplied("cf.tls_client_auth.cert_verified", "Bool", false),
  supplied("cf.bot_management.ja3_hash", "String", undefined, { plan: "enterprise" }),
  supplied("cf.bot_management.ja4", "String", undefined, { plan: "enterprise" }),
  supplied("cf.random_seed", "Bytes", undefined, {
    phases: ["http_request_transform", "http_request_late_transform"],
  }),
  supplied("cf.colo.id", "String", undefined, { characteristic: "free", characteristicOnly: true }),
  supplied("cf.unique_visitor_id", "String", undefined, {
    characteristic: "business",
    characteristicOnly: true,
  }),
];

const answer = { phases: responsePhases, rateLimit: "business" } as const;

const responseFields: readonly FieldRow[] = [
  field("http.response.code", "Integer", (r) => r.input.response?.status, answer),
  field("http.response.headers", "Map<Array<String>>", (r) => r.responseHeaders?.map, answer),
  field("http.response.headers.names", "Array<String>", (r) => r.responseHeaders?.names, answer),
  field("http.response.headers.values", "Array<String>", (r) => r.responseHeaders?.values, answer),
];

/** Every field, by name. */
export const FIELDS: ReadonlyMap<string, FieldRow> = new Map(
  [...requestFields, ...addressFields, ...edgeFields, ...responseFields]
    .concat(bodyFields(field), claimFields(field))
    .map((row) => [row.name, row]),
);
