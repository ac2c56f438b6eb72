import { scopeClaim } from "../../examples/shop/issuer/issuerRing.ts";
import { assumedRingStates } from "../../model/compile/compile.ts";
import { type Leaf, waysOf } from "../../model/definition/requirementTree.ts";
import {
  type Definitions,
  type Environment,
  isTokenRing,
  type Requirement,
  type Ring,
  type Rule,
  type TokenSource,
} from "../../model/definition/types.ts";
import { evaluate, type PolicyRequest } from "../../model/policy/evaluate.ts";
import { stretchesOf } from "../../model/policy/policy.ts";
import { sampleClaims, sampleOf } from "../../model/policy/samples.ts";
import type { HostPolicy } from "../../model/policy/types.ts";

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
 * without one are left out, also where it is so on some dates alone. Where requests are counted by address or header, load would only measure the limit.
 */
export function ringUsages(definitions: Definitions, environment: Environment): RingUsage[] {
  const hosts = stretchesOf(definitions, environment, assumedRingStates(definitions));
  return definitions.rings.flatMap((ring) => {
    for (const [first, ...others] of hosts) {
      if (first === undefined) continue;
      for (const rule of first.policy.host.rules) {
        const usage = usageOf(first.policy, rule, ring);
        if (usage !== undefined && [first, ...others].every(({ policy }) => isGood(policy, usage)))
          return [usage];
      }
    }
    return [];
  });
}

/** A request to a rule's first path, with what a token must say to pass it and every other rule of the same ring. */
export function usageOf(policy: HostPolicy, rule: Rule, ring: Ring): RingUsage | undefined {
  const { host } = policy;
  if (rule.require === undefined || wayOf(rule.require, ring) === undefined) return undefined;
  const source = host.tokens.find((use) => use.ring === ring.id)?.sources[0];
  if (isTokenRing(ring) && source === undefined) return undefined;
  const [match] = rule.matches;
  if (match === undefined) return undefined;
  const { method, path } = sampleOf(match);
  const { decides, besides } = evaluate(policy, { host: host.sample, method, path });
  const all = [rule, ...[...decides, ...besides].map((each) => each.rule)].flatMap(({ require }) =>
    (wayOf(require, ring) ?? []).flatMap((leaf) => (leaf.kind === "token" ? [leaf] : [])),
  );
  return {
    ring,
    host: host.sample,
    method,
    path,
    ...(isTokenRing(ring) && source ? { source } : {}),
    scopes: [...new Set(all.flatMap((each) => each.scopes))],
    claims: sampleClaims(all.flatMap((each) => each.claims)),
  };
}

/** The first way to meet a requirement with one token or link of the ring and nothing else. */
export function wayOf(require: Requirement | undefined, ring: Ring): readonly Leaf[] | undefined {
  return waysOf(require).find((way) => way.length > 0 && way.every((leaf) => isOf(ring, leaf)));
}

function isOf({ id }: Ring, leaf: Leaf): boolean {
  return (leaf.kind === "token" || leaf.kind === "link") && leaf.ring === id;
}

/** The request of a usage as definitions speak of it. */
export function askedBy(usage: RingUsage): PolicyRequest {
  const { host, method, path, ring } = usage;
  if (ring.kind === "hmac") return { host, method, path, links: [ring.id] };
  return { host, method, path, tokens: { [ring.id]: claimsOf(usage) } };
}

/** What a valid token of a usage says, apart from who it is for. */
export function claimsOf({ ring, scopes, claims }: RingUsage): Record<string, unknown> {
  return ring.kind === "hmac" ? {} : { ...claims, ...scopeClaim(ring, scopes) };
}

function isGood(policy: HostPolicy, usage: RingUsage): boolean {
  const { host, method, path } = usage;
  const verdict = evaluate(policy, askedBy(usage));
  const counted = verdict.counts.some(({ rule }) => rule.rateLimit?.per.kind !== "claim");
  const without = evaluate(policy, { host, method, path });
  return (
    !counted && [...verdict.refusals, ...verdict.conditional].length === 0 && without.refusals.length > 0
  );
}
