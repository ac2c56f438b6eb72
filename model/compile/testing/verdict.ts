import { createHmac } from "node:crypto";
import { type Choices, claimsOf, compileFilter, parse, RequestFields } from "@keyturn/edge/language";
import { CUSTOM_PHASE } from "../../facts/phases.ts";
import { PLACEHOLDER } from "../../facts/placeholders.ts";
import type { DesiredRule, DesiredState } from "../types.ts";

/** A request as a test states it. */
export interface TestRequest {
  readonly method?: string;
  readonly host?: string;
  /** As sent, with the query. */
  readonly path: string;
  /** What the zone's URL normalization makes of it; default: the same. */
  readonly normalized?: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** Cloudflare saw not all of the headers. */
  readonly headersTruncated?: boolean;
  /** What the language makes of what is not documented; default: the edge's own choices. */
  readonly choices?: Partial<Choices>;
  /** When it arrives, in Unix seconds; default: `NOW`. */
  readonly at?: number;
  /** Claims of validated tokens, by ring. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Seconds since the Unix epoch at which test requests arrive that say no other time. */
export const NOW = 1_800_000_000;

/** A claims document that satisfies the storefront ring. */
export function storefront(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { iss: "https://auth.example.com/", aud: "api", exp: NOW + 300, sub: "alice", ...more };
}

/** The secret that a key of a ring has in tests. */
export function secretOf(name: string): string {
  return name.padEnd(64, "x").replaceAll(/[^A-Za-z0-9]/g, "0");
}

/** A signed link, as an issuer would make it. */
export function link(path: string, issued = NOW, key = "downloads/k1"): string {
  const mac = createHmac("sha256", secretOf(key)).update(`${path}${issued}`).digest("base64url");
  return `${path}${path.includes("?") ? "&" : "?"}verify=${issued}-${mac}`;
}

/** An expression with the values that the test's rings have. */
export function filled(expression: string): string {
  return expression.replaceAll(PLACEHOLDER, (_whole, kind: string, name: string) =>
    kind === "config" ? `configuration-of-${name}` : secretOf(name),
  );
}

const filters = new Map<string, ReturnType<typeof compileFilter>>();

/** Whether an expression holds for a request, as the rules language evaluates it. */
export function holds(expression: string, request: TestRequest): boolean {
  const { choices = {} } = request;
  const key = JSON.stringify([expression, choices]);
  const filter = filters.get(key) ?? compileFilter(parse(filled(expression)), { choices });
  filters.set(key, filter);
  return filter(fieldsOf(request));
}

function fieldsOf({
  method = "GET",
  host = "api.example.com",
  path,
  normalized,
  headers = [],
  headersTruncated = false,
  claims = {},
  at = NOW,
}: TestRequest): RequestFields {
  const [rawPath, rawQuery] = cut(path);
  const [readPath, query] = cut(normalized ?? path);
  return new RequestFields({
    method,
    scheme: "https",
    host,
    path: readPath,
    query,
    rawPath,
    rawQuery,
    headers,
    headersTruncated,
    timestampMs: at * 1000,
    claims: new Map(
      Object.entries(claims).map(([ring, document]) => [
        `configuration-of-${ring}`,
        // The language sees bytes.
        claimsOf(Buffer.from(JSON.stringify(document)).toString("latin1")),
      ]),
    ),
  });
}

/** A path and the query behind its first `?`. */
function cut(url: string): [path: string, query: string] {
  const [path = "", ...query] = url.split("?");
  return [path, query.join("?")];
}

/** The first custom rule that stops the request, by `ref` without stack, and its answer; `passes` when none does. */
export function verdict(desired: DesiredState, request: TestRequest): string {
  const rule = acting(desired, request).find((each) => each.action !== "log");
  if (rule === undefined) return "passes";
  const status = rule.action === "block" ? rule.action_parameters?.response.status_code : rule.action;
  return `${status} ${rule.ref.replace(/^keyturn:[^:]*:/, "")}`;
}

/** All enabled custom rules whose expression holds, in order. */
export function acting(desired: DesiredState, request: TestRequest): DesiredRule[] {
  return desired.zones.flatMap((zone) =>
    zone.rules[CUSTOM_PHASE].filter((rule) => rule.enabled && holds(rule.expression, request)),
  );
}
