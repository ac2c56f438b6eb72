import type { HmacRing, JwtRing } from "../../../model/definition/types.ts";

/** What an issuer has to know about a ring of JWT keys; the names are those of a checked definition. */
export type IssuerTokenRing = Pick<JwtRing, "kind" | "issuers" | "audiences" | "lifetime"> &
  Partial<Pick<JwtRing, "scope">>;

/** What an issuer has to know about a ring of link secrets. */
export type IssuerLinkRing = Pick<HmacRing, "kind" | "parameter" | "lifetime">;

/** By the ring's id. `lifetime` is in seconds. */
export type IssuerRings = Readonly<Record<string, IssuerTokenRing | IssuerLinkRing>>;

/** Who a token is for. */
export interface Subject {
  readonly sub: string;
  readonly scopes: readonly string[];
  /** Further claims, for example `role`. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Scopes in the shape that the ring's rules read: words of one string (RFC 8693 §4.2), or an array. */
export function scopeClaim(
  ring: Pick<IssuerTokenRing, "scope">,
  scopes: readonly string[],
): Record<string, unknown> {
  if (scopes.length === 0) return {};
  const { claim, as } = ring.scope ?? { claim: "scope", as: "words" };
  return { [claim]: as === "array" ? scopes : scopes.join(" ") };
}
