import type { World } from "../world/types.ts";
import { ApiError, problem, refusal } from "./errors.ts";

/** What a token may do. */
export interface TokenGrant {
  /** Permission names as in the permission table, or everything. */
  readonly permissions: readonly string[] | "all";
  /** The zone ids it is limited to. Absent: all. */
  readonly zones?: readonly string[];
  readonly kind?: "user" | "account";
}

/** Who sent a request: one API token, whatever its current value. */
export interface Principal {
  readonly grant: TokenGrant;
  /** 32 hexadecimal digits, given when first asked for. */
  id(): string;
  /** Distinguishes principals in counters; not secret. */
  readonly key: number;
}

/** The API's tokens by value. */
export interface TokenBook {
  find(value: string): Principal | undefined;
}

/**
 * Tokens by value. Without `grants` every value is accepted and may do everything.
 */
export function createTokenBook(
  world: World,
  grants: Readonly<Record<string, TokenGrant>> | undefined,
): TokenBook {
  const byValue = new Map<string, Principal>();
  let next = 1;
  const add = (value: string, grant: TokenGrant): Principal => {
    let id: string | undefined;
    const principal: Principal = {
      grant,
      key: next,
      id: () => {
        id ??= world.id("hex32");
        return id;
      },
    };
    next += 1;
    byValue.set(value, principal);
    return principal;
  };
  for (const [value, grant] of Object.entries(grants ?? {})) add(value, grant);
  return {
    find: (value) => {
      const existing = byValue.get(value);
      if (existing !== undefined || grants !== undefined) return existing;
      return add(value, { permissions: "all" });
    },
  };
}

/**
 * The token of a request: `Authorization: Bearer …`, or the older `X-Auth-Key` with `X-Auth-Email`, or
 * `X-Auth-User-Service-Key`. Refuses (400, 6003) a missing or malformed header and (401, 10000) an unknown
 * value. A message never holds the value.
 */
export function authenticate(headers: Headers, tokens: TokenBook): Principal {
  const value = credentialOf(headers);
  const principal = tokens.find(value);
  if (principal === undefined) throw refusal("authentication");
  return principal;
}

function credentialOf(headers: Headers): string {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const value = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    if (value === undefined) throw badHeader("Authorization");
    return value;
  }
  const serviceKey = headers.get("x-auth-user-service-key");
  if (serviceKey !== null && serviceKey !== "") return serviceKey;
  const key = headers.get("x-auth-key");
  const email = headers.get("x-auth-email");
  if (key !== null && key !== "" && email !== null && email !== "") return key;
  throw badHeader(key === null ? "Authorization" : "X-Auth-Email");
}

function badHeader(header: string): ApiError {
  const inner = problem("badAuthorizationFormat", { header });
  const outer = problem("badAuthorizationHeader");
  return new ApiError([{ ...outer, chain: [{ code: inner.code, message: inner.message }] }]);
}
