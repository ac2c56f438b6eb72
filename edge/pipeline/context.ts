import type { Choices } from "../choices.ts";
import { type ListValues, RequestFields, type RequestInput } from "../language/request.ts";
import type { AccountParts, NamedList, ZoneSpec } from "../world/types.ts";
import { hasCallerIdentifier } from "./callerIdentifiers.ts";
import { RequestClaims } from "./claims.ts";
import type { Plan } from "./plan.ts";
import { type HeaderPair, type Received, type Visitor, visiblePath } from "./request.ts";
import { createTokenSet, type TokenSet } from "./tokenSet.ts";

/** What an origin answered, as far as rules may see it. */
export interface SeenResponse {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
}

/** What rules with the action `skip` have switched off for this request. */
export interface Skips {
  /** Phases whose account rules, and whose zone rules, are skipped. */
  readonly account: Set<string>;
  readonly zone: Set<string>;
  /** Ids. */
  readonly rulesets: Set<string>;
  readonly rules: Set<string>;
}

/** A request on its way through the phases. Only rewrites, skips and the origin's answer change it. */
export interface RequestContext {
  readonly received: Received;
  readonly visitor: Visitor;
  readonly zone: ZoneSpec;
  readonly plan: Plan;
  readonly nowMs: number;
  readonly ray: string;
  readonly tokens: TokenSet;
  /** What expressions read now; a rewrite puts another object here. */
  fields: RequestFields;
  /** A rewrite changed path or query. */
  rewritten: boolean;
  skips: Skips | undefined;
}

export interface Arrival {
  readonly received: Received;
  readonly visitor: Visitor;
  readonly zone: ZoneSpec;
  readonly plan: Plan;
  readonly nowMs: number;
  readonly ray: string;
}

/** A request as it enters the first phase. */
export function enter(arrival: Arrival, choices: Choices): RequestContext {
  const { received, visitor, plan, nowMs, ray } = arrival;
  const tokens = createTokenSet(
    plan.zone.tokenConfigurations,
    {
      header: (name) => fields.headers.map.get(name)?.[0],
      cookie: (name) => fields.cookies.get(name)?.[0],
    },
    nowMs,
    choices,
  );
  const fields: RequestFields = new RequestFields({
    method: received.method,
    scheme: received.scheme,
    host: received.host,
    path: visiblePath(received, plan.zone.urlNormalization),
    query: received.rawQuery,
    rawPath: received.rawPath,
    rawQuery: received.rawQuery,
    headers: received.headers,
    version: "HTTP/1.1",
    timestampMs: nowMs,
    ip: visitor.ip,
    asn: visitor.asn,
    country: visitor.country,
    continent: visitor.continent,
    body: byteString(received.body),
    claims: new RequestClaims(tokens),
    jwtValid: (id) => tokens.verdict(id)?.valid === true,
    jwtPresent: (id) => tokens.verdict(id)?.present === true,
    lists: listsOf(plan.account),
    others: {
      "cf.ray_id": ray,
      get "cf.api_gateway.auth_id_present"(): boolean {
        return hasCallerIdentifier(plan.zone.authIdCharacteristics, fields, tokens);
      },
      get "cf.api_gateway.fallthrough_detected"(): boolean {
        const matched = plan.operations.find(fields.method, fields.host, fields.path) !== undefined;
        return matched === (choices.fallthroughDetected === "matched");
      },
      ...visitor.fields,
    },
  });
  return { ...arrival, tokens, fields, rewritten: false, skips: undefined };
}

/** Replaces what expressions read: after a rewrite, or when the origin has answered. */
export function changeFields(context: RequestContext, changes: Partial<RequestInput>): void {
  context.fields = new RequestFields({ ...context.fields.input, ...changes });
}

/** The skips of the request, created by its first skip. */
export function skipsOf(context: RequestContext): Skips {
  context.skips ??= { account: new Set(), zone: new Set(), rulesets: new Set(), rules: new Set() };
  return context.skips;
}

function byteString(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const listCache = new WeakMap<readonly NamedList[], ReadonlyMap<string, ListValues>>();

function listsOf(account: AccountParts): ReadonlyMap<string, ListValues> {
  let lists = listCache.get(account.lists);
  if (lists === undefined) {
    lists = new Map(account.lists.map((list) => [list.name, list]));
    listCache.set(account.lists, lists);
  }
  return lists;
}
