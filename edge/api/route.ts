import type { Choices as LanguageChoices } from "../language/choices.ts";
import type { AccountParts, AddOn, Plan, World, ZoneParts, ZoneSpec } from "../world/types.ts";
import type { Principal, TokenBook } from "./auth.ts";
import type { Body, BodyLimit } from "./body.ts";
import { refusal } from "./errors.ts";
import { type LimitName, type LimitSubject, limitOf } from "./limits.ts";
import type { PermissionGroup } from "./permissions.ts";
import type { Reply } from "./reply.ts";
import type { Store } from "./store.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What every handler shares: the world, what is stored, and how undocumented points are decided. */
export interface Service {
  readonly world: World;
  readonly store: Store;
  /** Passed on to the check of expressions. */
  readonly language: Partial<LanguageChoices>;
  readonly tokens: TokenBook;
}

/** One authenticated request that reached its handler. */
export interface Call extends Service {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly principal: Principal | undefined;
  /** What the endpoint asks its permission for. */
  readonly access: "read" | "write";
}

export interface ZoneCall extends Call {
  readonly zone: ZoneSpec;
  readonly parts: ZoneParts;
  commit<K extends keyof ZoneParts>(part: K, value: ZoneParts[K]): void;
  limit(name: LimitName): number;
}

export interface AccountCall extends Call {
  readonly accountId: string;
  readonly parts: AccountParts;
  commit<K extends keyof AccountParts>(part: K, value: AccountParts[K]): void;
  limit(name: LimitName): number;
}

/** A call under `/zones/{id}` or `/accounts/{id}` for what both have: rulesets and custom pages. */
export interface ScopedCall extends Call {
  readonly scope: "zone" | "account";
  readonly scopeId: string;
  readonly accountId: string;
  readonly subject: LimitSubject;
  /** The zone's parts; undefined for an account. */
  readonly zoneParts: ZoneParts | undefined;
  readonly parts: Pick<ZoneParts & AccountParts, "rulesets" | "customPages">;
  commit<K extends "rulesets" | "customPages">(part: K, value: (ZoneParts & AccountParts)[K]): void;
  limit(name: LimitName): number;
}

/** One endpoint. */
export interface Route {
  readonly method: Method;
  /** Below the base, in the router's form: `/zones/:zone_id/rulesets`. */
  readonly path: string;
  /** `none`: any token will do. `public`: no token is needed. */
  readonly group: PermissionGroup | "none" | "public";
  readonly access: "read" | "write";
  /** A key under which only one call may be under way at once. */
  readonly exclusive?: (call: Omit<Call, "body">) => string;
  /** Default: {@link bodyLimits}.usual. */
  readonly body?: BodyLimit;
  readonly handle: (call: Call) => Reply;
}

/** What a route may say beside its handler. */
export interface RouteExtras {
  readonly access?: "read" | "write";
  readonly exclusive?: (call: Omit<Call, "body">) => string;
  readonly body?: BodyLimit;
}

function accessOf(method: Method, extras: RouteExtras): "read" | "write" {
  return extras.access ?? (method === "GET" ? "read" : "write");
}

/** A route that belongs to no zone or account. */
export function plainRoute(
  method: Method,
  path: string,
  group: Route["group"],
  handle: (call: Call) => Reply,
  extras: RouteExtras = {},
): Route {
  return { method, path, group, ...extras, access: accessOf(method, extras), handle };
}

/** A route under `/zones/:zone_id`. */
export function zoneRoute(
  method: Method,
  path: string,
  group: PermissionGroup,
  handle: (call: ZoneCall) => Reply,
  extras: RouteExtras = {},
): Route {
  return plainRoute(method, `/zones/:zone_id${path}`, group, (call) => handle(zoneCall(call)), extras);
}

/** A route under `/accounts/:account_id`. */
export function accountRoute(
  method: Method,
  path: string,
  group: PermissionGroup,
  handle: (call: AccountCall) => Reply,
  extras: RouteExtras = {},
): Route {
  return plainRoute(
    method,
    `/accounts/:account_id${path}`,
    group,
    (call) => handle(accountCall(call)),
    extras,
  );
}

/** The same route under `/zones/:zone_id` and `/accounts/:account_id`. */
export function scopedRoutes(
  method: Method,
  path: string,
  groups: { readonly zone: PermissionGroup; readonly account: PermissionGroup },
  handle: (call: ScopedCall) => Reply,
  extras: RouteExtras = {},
): readonly Route[] {
  return [
    plainRoute(method, `/zones/:zone_id${path}`, groups.zone, (call) => handle(scopedZone(call)), extras),
    plainRoute(
      method,
      `/accounts/:account_id${path}`,
      groups.account,
      (call) => handle(scopedAccount(call)),
      extras,
    ),
  ];
}

/** The value of a path parameter that the route's own path declares. */
export function param(call: Pick<Call, "params">, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new RangeError(`the route has no parameter ${name}`);
  return value;
}

function zoneCall(call: Call): ZoneCall {
  const id = param(call, "zone_id");
  const zone = call.world.zones.find((each) => each.id === id);
  if (zone === undefined) throw refusal("badIdentifier", { path: `/zones/${id}` });
  return {
    ...call,
    zone,
    parts: call.world.zone(id),
    commit: (part, value) => call.world.commitZone(id, part, value),
    limit: (name) => limitOf(name, zone),
  };
}

function accountCall(call: Call): AccountCall {
  const id = param(call, "account_id");
  const parts = accountParts(call.world, id);
  if (parts === undefined) throw refusal("badIdentifier", { path: `/accounts/${id}` });
  const subject = accountSubject(call.world, id);
  return {
    ...call,
    accountId: id,
    parts,
    commit: (part, value) => call.world.commitAccount(id, part, value),
    limit: (name) => limitOf(name, subject),
  };
}

function scopedZone(call: Call): ScopedCall {
  const zoned = zoneCall(call);
  return {
    ...zoned,
    scope: "zone",
    scopeId: zoned.zone.id,
    accountId: zoned.zone.accountId,
    subject: zoned.zone,
    zoneParts: zoned.parts,
  };
}

function scopedAccount(call: Call): ScopedCall {
  const accounted = accountCall(call);
  return {
    ...accounted,
    scope: "account",
    scopeId: accounted.accountId,
    subject: accountSubject(call.world, accounted.accountId),
    zoneParts: undefined,
  };
}

/** The account's parts, or undefined if the world has no such account. */
export function accountParts(world: World, id: string): AccountParts | undefined {
  try {
    return world.account(id);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const planOrder: readonly Plan[] = ["free", "pro", "business", "enterprise"];

/** An account has no plan of its own: it counts as its best zone. Without a zone it counts as Enterprise. */
function accountSubject(world: World, id: string): LimitSubject {
  const zones = world.zones.filter((zone) => zone.accountId === id);
  if (zones.length === 0) return { plan: "enterprise", addOns: [] };
  const best = zones.reduce((a, b) => (planOrder.indexOf(b.plan) > planOrder.indexOf(a.plan) ? b : a));
  const addOns = new Set<AddOn>(zones.flatMap((zone) => zone.addOns));
  return {
    plan: best.plan,
    addOns: [...addOns],
    ...(best.limits === undefined ? {} : { limits: best.limits }),
  };
}
