import type { FieldReaders } from "./fieldRow.ts";
import type { RequestFields } from "./request.ts";

/** A header as a field of its own: empty where the request has none. */
function header(request: RequestFields, name: string): string {
  return request.headers.map.get(name)?.[0] ?? "";
}

/** The part after the last dot of the last segment, in lower case; empty without a dot. */
function extension(path: string): string {
  const segment = path.slice(path.lastIndexOf("/") + 1);
  const dot = segment.lastIndexOf(".");
  return dot < 0 ? "" : segment.slice(dot + 1).toLowerCase();
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

function mediaType(request: RequestFields): string | undefined {
  return request.responseHeaders?.map.get("content-type")?.[0]?.split(";")[0]?.trim().toLowerCase();
}

/** What is read from the request line, the headers, the connection and the answer. */
export const requestReaders: FieldReaders = {
  "http.host": { read: (r) => r.host },
  "http.request.method": { read: (r) => r.method },
  "http.request.full_uri": { read: (r) => `${r.scheme}://${r.host}${r.uri}` },
  "http.request.uri": { read: (r) => r.uri },
  "http.request.uri.path": { read: (r) => r.path },
  "http.request.uri.path.extension": { read: (r) => extension(r.path) },
  "http.request.uri.query": { read: (r) => r.query },
  "http.request.uri.args": { read: (r) => r.arguments.map },
  "http.request.uri.args.names": { read: (r) => r.arguments.names },
  "http.request.uri.args.values": { read: (r) => r.arguments.values },
  "raw.http.request.full_uri": { read: (r) => `${r.scheme}://${r.host}${uri(rawPath(r), rawQuery(r))}` },
  "raw.http.request.uri": { read: (r) => uri(rawPath(r), rawQuery(r)) },
  "raw.http.request.uri.path": { read: rawPath },
  "raw.http.request.uri.path.extension": { read: (r) => extension(rawPath(r)) },
  "raw.http.request.uri.query": { read: rawQuery },
  "raw.http.request.uri.args": { read: (r) => r.rawArguments.map },
  "raw.http.request.uri.args.names": { read: (r) => r.rawArguments.names },
  "raw.http.request.uri.args.values": { read: (r) => r.rawArguments.values },
  "http.request.version": { read: (r) => r.input.version ?? "HTTP/1.1" },
  "http.request.headers": { read: (r) => r.headers.map },
  "http.request.headers.names": { read: (r) => r.headers.names },
  "http.request.headers.values": { read: (r) => r.headers.values },
  "http.request.headers.truncated": { read: (r) => r.input.headersTruncated ?? false },
  "http.user_agent": { read: (r) => header(r, "user-agent") },
  "http.referer": { read: (r) => header(r, "referer") },
  "http.x_forwarded_for": { read: (r) => header(r, "x-forwarded-for") },
  "http.cookie": { read: (r) => r.headers.map.get("cookie")?.join("; ") ?? "" },
  "http.request.cookies": { read: (r) => r.cookies },
  "http.request.timestamp.sec": { read: (r) => r.timestampSec },
  "http.request.timestamp.msec": { read: (r) => ((r.timestampMs % 1000) + 1000) % 1000 },
  ssl: { read: (r) => r.scheme === "https" },
  "ip.src": { read: (r) => r.ip },
  "ip.src.asnum": { read: (r) => r.input.asn },
  "ip.src.country": { read: (r) => r.input.country },
  "ip.src.continent": { read: (r) => r.input.continent },
  "http.response.code": { read: (r) => r.input.response?.status },
  "http.response.headers": { read: (r) => r.responseHeaders?.map },
  "http.response.headers.names": { read: (r) => r.responseHeaders?.names },
  "http.response.headers.values": { read: (r) => r.responseHeaders?.values },
  "http.response.content_type.media_type": { read: mediaType },
  "raw.http.response.headers": { read: (r) => r.responseHeaders?.map },
  "raw.http.response.headers.names": { read: (r) => r.responseHeaders?.names },
  "raw.http.response.headers.values": { read: (r) => r.responseHeaders?.values },
};
