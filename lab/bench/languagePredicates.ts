import type { IpAddress, RequestFields } from "@keyturn/edge/language";
import { configuration } from "./languageRequests.ts";

/** An expression and the same predicate as one would write it in JavaScript. */
export interface Predicate {
  readonly expression: string;
  readonly byHand: (request: RequestFields) => boolean;
}

const claims = `http.request.jwt.claims["${configuration}"][0]`;
const parsed = new WeakMap<object, Record<string, unknown>>();

/** The claims of a request, parsed once. */
function claimsOf(request: RequestFields): Record<string, unknown> | undefined {
  const found = request.claims?.get(configuration);
  if (found === undefined) return undefined;
  let document = parsed.get(request);
  if (document === undefined) {
    document = JSON.parse(found.document) as Record<string, unknown>;
    parsed.set(request, document);
  }
  return document;
}

const writing = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const asns = new Set([64496, 64497, 64498, 64500, 64501, 64511]);

function header(request: RequestFields, name: string): string | undefined {
  return request.headers.map.get(name)?.[0];
}

function agent(request: RequestFields): string {
  return header(request, "user-agent") ?? "";
}

function isPrivate(ip: IpAddress | undefined): boolean {
  if (ip?.version !== 4) return false;
  const word = ip.words[3];
  return word >>> 24 === 10 || word >>> 8 === 0xc00002 || word >>> 8 === 0xc63364;
}

function hasScope(request: RequestFields, scope: string): boolean {
  const scopes = claimsOf(request)?.scope;
  return typeof scopes === "string" && scopes.split(" ").includes(scope);
}

/** Expressions of the kinds that custom rules and rate limits hold. */
export const predicates: readonly Predicate[] = [
  { expression: 'http.host eq "api.example.com"', byHand: (r) => r.host === "api.example.com" },
  { expression: 'http.host ne "www.example.com"', byHand: (r) => r.host !== "www.example.com" },
  {
    expression: 'http.host eq "api.example.com" and http.request.method eq "POST"',
    byHand: (r) => r.host === "api.example.com" && r.method === "POST",
  },
  {
    expression: 'http.request.uri.path eq "/login" and http.request.method eq "POST" and not ssl',
    byHand: (r) => r.path === "/login" && r.method === "POST" && r.scheme !== "https",
  },
  {
    expression: 'starts_with(http.request.uri.path, "/admin/")',
    byHand: (r) => r.path.startsWith("/admin/"),
  },
  { expression: 'ends_with(http.request.uri.path, ".js")', byHand: (r) => r.path.endsWith(".js") },
  { expression: 'http.request.uri.path contains "/."', byHand: (r) => r.path.includes("/.") },
  {
    expression: 'http.request.method in {"POST" "PUT" "PATCH" "DELETE"}',
    byHand: (r) => writing.has(r.method),
  },
  {
    expression: 'not http.request.method in {"GET" "HEAD" "OPTIONS"} and http.host eq "api.example.com"',
    byHand: (r) => !["GET", "HEAD", "OPTIONS"].includes(r.method) && r.host === "api.example.com",
  },
  {
    expression: 'lower(http.request.uri.path) contains "export"',
    byHand: (r) => r.path.toLowerCase().includes("export"),
  },
  { expression: "len(http.request.uri.query) gt 20", byHand: (r) => r.query.length > 20 },
  {
    expression: 'http.user_agent contains "Bot" or http.user_agent eq ""',
    byHand: (r) => agent(r).includes("Bot") || agent(r) === "",
  },
  {
    expression: 'http.request.headers["x-api-key"][0] eq "key-3"',
    byHand: (r) => header(r, "x-api-key") === "key-3",
  },
  {
    expression: 'any(http.request.headers["accept"][*] contains "json")',
    byHand: (r) => r.headers.map.get("accept")?.some((value) => value.includes("json")) ?? false,
  },
  {
    expression: 'any(lower(http.request.headers.names[*])[*] eq "x-debug")',
    byHand: (r) => r.headers.names.some((name) => name.toLowerCase() === "x-debug"),
  },
  { expression: 'has_key(http.request.uri.args, "verify")', byHand: (r) => r.arguments.map.has("verify") },
  {
    expression: 'http.request.uri.args["sort"][0] eq "asc"',
    byHand: (r) => r.arguments.map.get("sort")?.[0] === "asc",
  },
  {
    expression: 'http.request.cookies["theme"][0] eq "dark"',
    byHand: (r) => r.cookies.get("theme")?.[0] === "dark",
  },
  { expression: "ip.src in {192.0.2.0/24 198.51.100.0/24 10.0.0.0/8}", byHand: (r) => isPrivate(r.ip) },
  {
    expression: "ip.src.asnum in {64496 64497 64498 64500 64501 64511}",
    byHand: (r) => r.input.asn !== undefined && asns.has(r.input.asn),
  },
  {
    expression: 'ip.src.country in {"KP" "IR"} or cf.waf.score lt 20',
    byHand: (r) => {
      const { country } = r.input;
      return (
        country === "KP" || country === "IR" || ((r.input.others?.["cf.waf.score"] ?? 100) as number) < 20
      );
    },
  },
  {
    expression: 'http.request.uri.path matches "^/orders/[0-9]+$"',
    byHand: (r) => /^\/orders\/[0-9]+$/.test(r.path),
  },
  { expression: 'http.request.uri.path matches "^/v[0-9]+/"', byHand: (r) => /^\/v[0-9]+\//.test(r.path) },
  {
    expression: 'http.request.uri.path wildcard "/orders/*/lines"',
    byHand: (r) => /^\/orders\/.*\/lines$/i.test(r.path),
  },
  { expression: 'http.host strict wildcard "*.example.com"', byHand: (r) => r.host.endsWith(".example.com") },
  {
    expression: "http.request.timestamp.sec ge 1790000200 and http.request.timestamp.sec lt 1790000300",
    byHand: (r) => r.timestampSec >= 1_790_000_200 && r.timestampSec < 1_790_000_300,
  },
  {
    expression: `not len(${claims}) > 0`,
    byHand: (r) => !((r.claims?.get(configuration)?.document.length ?? 0) > 0),
  },
  {
    expression: `lookup_json_string(${claims}, "role") eq "admin"`,
    byHand: (r) => claimsOf(r)?.role === "admin",
  },
  {
    expression: `lookup_json_string(${claims}, "tenant", "name") in {"tenant-1" "tenant-2"}`,
    byHand: (r) => {
      const name = (claimsOf(r)?.tenant as { name?: string } | undefined)?.name;
      return name === "tenant-1" || name === "tenant-2";
    },
  },
  {
    expression: `lookup_json_integer(${claims}, "exp") lt 1790001000`,
    byHand: (r) => {
      const exp = claimsOf(r)?.exp;
      return typeof exp === "number" && exp < 1_790_001_000;
    },
  },
  {
    expression: `any(http.request.jwt.claims.aud["${configuration}"][*] eq "web")`,
    byHand: (r) => r.claims?.get(configuration)?.aud?.includes("web") ?? false,
  },
  {
    expression: `any(split(lookup_json_string(${claims}, "scope"), " ", 64)[*] eq "orders:write")`,
    byHand: (r) => hasScope(r, "orders:write"),
  },
  {
    expression: `http.host eq "api.example.com" and starts_with(http.request.uri.path, "/orders") and http.request.method eq "GET" and not any(split(lookup_json_string(${claims}, "scope"), " ", 64)[*] eq "orders:read")`,
    byHand: (r) =>
      r.host === "api.example.com" &&
      r.path.startsWith("/orders") &&
      r.method === "GET" &&
      !hasScope(r, "orders:read"),
  },
  {
    expression: `(http.host eq "api.example.com" and not http.request.uri.path in {"/health" "/login"} and not http.request.method eq "OPTIONS" and not len(${claims}) > 0)`,
    byHand: (r) =>
      r.host === "api.example.com" &&
      r.path !== "/health" &&
      r.path !== "/login" &&
      r.method !== "OPTIONS" &&
      r.claims?.get(configuration) === undefined,
  },
  {
    expression:
      'lookup_json_string(http.request.body.raw, "action") eq "refund" and http.request.method eq "POST"',
    byHand: (r) => JSON.parse(r.input.body ?? "null").action === "refund" && r.method === "POST",
  },
  {
    expression: 'concat(http.host, http.request.uri.path) eq "api.example.com/login"',
    byHand: (r) => r.host + r.path === "api.example.com/login",
  },
];
