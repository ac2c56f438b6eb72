import { scopeClaim } from "../../examples/shop/issuer/issuerRing.ts";
import type {
  ClaimRequirement,
  Definitions,
  HostDefinition,
  Mode,
  PathPattern,
  Ring,
  Rule,
  TokenSource,
} from "../../model/definition/types.ts";
import { type Asked, matching, outcomes } from "./reading.ts";

/** A request that a token or link of one ring is good for, as the definitions have it. */
export interface RingUsage {
  readonly ring: Ring;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** Where the token stands; the first place that the host names. Absent for links. */
  readonly source?: TokenSource;
  /** What a token has to say so that every rule lets it through. */
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * For each ring the first rule that refuses requests without its token or link and lets them through with it; rings
 * without one are left out. Where requests are counted by address or header, load would only measure the limit.
 */
export function ringUsages(definitions: Definitions, hardest: Mode = "block"): RingUsage[] {
  return definitions.rings.flatMap((ring) => {
    for (const host of definitions.hosts) {
      for (const rule of host.rules) {
        const usage = usageOf(host, rule, ring);
        if (usage !== undefined && isGood(definitions, hardest, host, usage)) return [usage];
      }
    }
    return [];
  });
}

/** A request that belongs to a rule, with what a token must say to pass it and every other rule of the same ring. */
export function usageOf(host: HostDefinition, rule: Rule, ring: Ring): RingUsage | undefined {
  if (rule.require?.ring !== ring.id) return undefined;
  const source = host.tokens.find((use) => use.ring === ring.id)?.sources[0];
  if (rule.require.kind === "token" && source === undefined) return undefined;
  const method = rule.match.methods?.[0] ?? "GET";
  const path = samplePath(rule.match.path);
  const all = [rule, ...matching(host, { host: host.host, method, path })].flatMap(({ require }) =>
    require?.kind === "token" && require.ring === ring.id ? [require] : [],
  );
  return {
    ring,
    host: host.host,
    method,
    path,
    ...(rule.require.kind === "token" && source ? { source } : {}),
    scopes: [...new Set(all.flatMap((each) => each.scopes))],
    claims: all.flatMap((each) => each.claims).reduce<Record<string, unknown>>(withClaim, {}),
  };
}

/** The request of a usage as definitions speak of it. */
export function askedBy(usage: RingUsage): Asked {
  const { host, method, path, ring } = usage;
  if (ring.kind === "hmac") return { host, method, path, link: ring.id };
  return { host, method, path, token: { ring: ring.id, claims: claimsOf(usage) } };
}

/** What a valid token of a usage says, apart from who it is for. */
export function claimsOf({ ring, scopes, claims }: RingUsage): Record<string, unknown> {
  return ring.kind === "hmac" ? {} : { ...claims, ...scopeClaim(ring, scopes) };
}

/** A path that a pattern covers. */
export function samplePath({ segments, rest }: PathPattern): string {
  const parts = segments.map((segment) =>
    segment === null ? "1" : typeof segment === "string" ? segment : segment.pieces.join("1"),
  );
  return `/${[...parts, ...(rest ? ["1"] : [])].join("/")}`;
}

function isGood(definitions: Definitions, hardest: Mode, host: HostDefinition, usage: RingUsage): boolean {
  const asked = askedBy(usage);
  const rules = matching(host, asked);
  const counted = rules.some(({ rateLimit }) => rateLimit !== undefined && rateLimit.per.kind !== "claim");
  const passes = (request: Asked) => outcomes(definitions, hardest, request).map(({ by }) => by);
  const refused = passes({ host: asked.host, method: asked.method, path: asked.path });
  return !counted && passes(asked).join() === "origin" && !refused.includes("origin");
}

function withClaim(
  claims: Record<string, unknown>,
  { path, values, length }: ClaimRequirement,
): Record<string, unknown> {
  const [name = "", ...rest] = path;
  if (rest.length === 0) return { ...claims, [name]: length === undefined ? values[0] : [values[0]] };
  const inner = { path: rest, values, ...(length === undefined ? {} : { length }) };
  const known = claims[name];
  const below = known !== null && typeof known === "object" ? (known as Record<string, unknown>) : {};
  return { ...claims, [name]: withClaim(below, inner) };
}
