import { type Leaf, leavesOf, waysOf } from "../../definition/requirementTree.ts";
import type { ClaimRequirement, ScopeShape, TokenRequirement } from "../../definition/types.ts";
import { evaluate, type PolicyRequest } from "../evaluate.ts";
import { withClaim } from "../samples.ts";
import type { HostPolicy } from "../types.ts";

/** What whoever sends a request has: valid tokens by ring, and valid links. */
export type Holdings = Pick<PolicyRequest, "tokens" | "links">;

/**
 * Everyone who may get another answer than others to one request, from what either policy asks for it: nobody; a token
 * that says nothing, of each ring; tokens that satisfy what decides and what holds besides, once for each value that a
 * claim may have; the links.
 */
export function holdersOf(policies: readonly HostPolicy[], request: PolicyRequest): readonly Holdings[] {
  const found = policies.flatMap((policy): Holdings[] => {
    const { decides, passedOver, besides } = evaluate(policy, request);
    const asked = [...decides, ...besides, ...passedOver].flatMap(({ rule }) => leavesOf(rule.require));
    const holding = [...decides, ...besides].reduce<readonly (readonly Leaf[])[]>(
      (ways, { rule }) =>
        ways.flatMap((way) => waysOf(rule.require).map((more) => [...way, ...more])).slice(0, MOST_WAYS),
      [[]],
    );
    return [
      ...asked.map(({ kind, ring }) => (kind === "token" ? { tokens: { [ring]: {} } } : { links: [ring] })),
      ...[...holding, ...asked.map((leaf) => [leaf])].flatMap((leaves) => satisfying(leaves, policy)),
    ];
  });
  return [...new Map([{}, ...found].map((holdings) => [JSON.stringify(holdings), holdings])).values()];
}

/** More ways than these to be let by are not tried out. */
const MOST_WAYS = 64;

/** Links and tokens that satisfy all of some requirements: with the first value of each claim, and once with each other one. */
function satisfying(leaves: readonly Leaf[], { scopes }: HostPolicy): Holdings[] {
  const all = leaves.filter((leaf) => leaf.kind === "token");
  const links = leaves.flatMap((leaf) => (leaf.kind === "link" ? [leaf.ring] : []));
  if (leaves.length === 0) return [];
  const others = all.flatMap(({ ring, claims }) =>
    claims.flatMap((claim) => valuesOf(claim, ring, all).map((value) => ({ ring, claim, value }))),
  );
  return [undefined, ...others].map((chosen) => {
    const tokens: Record<string, Record<string, unknown>> = {};
    for (const { ring, claims } of all) {
      let said = tokens[ring] ?? {};
      for (const claim of claims) {
        const isChosen = chosen?.ring === ring && pathOf(chosen.claim) === pathOf(claim);
        const value = isChosen ? chosen.value : valuesOf(claim, ring, all)[0];
        said = withClaim(said, claim.path, claim.length === undefined ? value : last(value, claim.length));
      }
      const words = all.filter((each) => each.ring === ring).flatMap((each) => each.scopes);
      tokens[ring] = { ...said, ...scopeClaim(scopes[ring], [...new Set(words)]) };
    }
    return { ...(all.length === 0 ? {} : { tokens }), ...(links.length === 0 ? {} : { links }) };
  });
}

/** The values that every requirement of a claim takes; those of one where there is none. */
function valuesOf(
  { path, values }: ClaimRequirement,
  ring: string,
  all: readonly TokenRequirement[],
): readonly (string | number)[] {
  const same = all
    .filter((each) => each.ring === ring)
    .flatMap(({ claims }) => claims.filter((claim) => pathOf(claim) === pathOf({ path })))
    .map((claim): readonly unknown[] => claim.values);
  const shared = values.filter((value) => same.every((taken) => taken.includes(value)));
  return shared.length > 0 ? shared : values;
}

function pathOf({ path }: Pick<ClaimRequirement, "path">): string {
  return JSON.stringify(path);
}

/** An array that has the value where it is looked at last. */
function last(value: unknown, length: number): unknown[] {
  return [...Array.from({ length: length - 1 }, () => ""), value];
}

function scopeClaim(shape: ScopeShape | undefined, scopes: readonly string[]): Record<string, unknown> {
  if (shape === undefined || scopes.length === 0) return {};
  return { [shape.claim]: shape.as === "array" ? scopes : scopes.join(" ") };
}
