import { type Leaf, leavesOf, waysOf } from "../../definition/requirementTree.ts";
import type { ClaimRequirement, ScopeShape, TokenRequirement } from "../../definition/types.ts";
import { passesTest, placed, valuesNear } from "../claimTests.ts";
import { evaluate, type PolicyRequest, type Verdict } from "../evaluate.ts";
import { withClaim } from "../samples.ts";
import type { HostPolicy } from "../types.ts";

/** What whoever sends a request has: valid tokens by ring, and valid links. */
export type Holdings = Pick<PolicyRequest, "tokens" | "links" | "headers">;

/**
 * Everyone who may get another answer than others to one request, from what either policy asks for it: nobody; a token
 * that says nothing, of each ring; tokens that satisfy what decides and what holds besides, once for each value that a
 * claim may have; the links.
 */
export function holdersOf(policies: readonly HostPolicy[], request: PolicyRequest): readonly Holdings[] {
  const verdicts = policies.map((policy) => ({ policy, verdict: evaluate(policy, request) }));
  const leavesIn = ({ decides, besides, passedOver }: Verdict) =>
    [...decides, ...besides, ...passedOver].flatMap(({ rule }) => leavesOf(rule.require));
  const near = verdicts
    .flatMap(({ verdict }) => leavesIn(verdict))
    .flatMap((leaf) => (leaf.kind === "token" ? [leaf] : []));
  const found = verdicts.flatMap(({ policy, verdict }): Holdings[] => {
    const { decides, besides } = verdict;
    const asked = leavesIn(verdict);
    const ways = [...decides, ...besides].reduce<readonly (readonly Leaf[])[]>(
      (ways, { rule }) =>
        ways.flatMap((way) => waysOf(rule.require).map((more) => [...way, ...more])).slice(0, MOST_WAYS),
      [[]],
    );
    return [
      ...asked.flatMap((leaf) => holding(leaf, policy)),
      ...[...ways, ...asked.map((leaf) => [leaf])].flatMap((leaves) => satisfying(leaves, near, policy)),
    ];
  });
  return [...new Map([{}, ...found].map((holdings) => [JSON.stringify(holdings), holdings])).values()];
}

/** Who has what one leaf speaks of and nothing more: of a token that may be left out, one that is not valid. */
function holding(leaf: Leaf, { host }: HostPolicy): readonly Holdings[] {
  switch (leaf.kind) {
    case "token":
      return [{ tokens: { [leaf.ring]: {} } }];
    case "link":
      return [{ links: [leaf.ring] }];
    case "absent": {
      const [place] = host.tokens.filter(({ ring }) => ring === leaf.ring).flatMap(({ sources }) => sources);
      if (place === undefined) return [];
      const header = place.kind === "header" ? [place.name, "invalid"] : ["cookie", `${place.name}=invalid`];
      return [{ headers: [[header[0] ?? "", header[1] ?? ""]] }];
    }
    case "where":
      return [];
  }
}

/** More ways than these to be let by are not tried out. */
const MOST_WAYS = 64;

/** Links and tokens that satisfy all of some requirements: with the first value of each claim, and once with each other one. */
function satisfying(
  leaves: readonly Leaf[],
  near: readonly TokenRequirement[],
  { scopes }: HostPolicy,
): Holdings[] {
  const all = leaves.filter((leaf) => leaf.kind === "token");
  const links = leaves.flatMap((leaf) => (leaf.kind === "link" ? [leaf.ring] : []));
  if (leaves.length === 0) return [];
  const others = all.flatMap(({ ring, claims }) =>
    claims.flatMap((claim) => valuesOf(claim, ring, all, near).map((value) => ({ ring, claim, value }))),
  );
  return [undefined, ...others].map((chosen) => {
    const tokens: Record<string, Record<string, unknown>> = {};
    for (const { ring, claims } of all) {
      let said = tokens[ring] ?? {};
      for (const claim of claims) {
        const isChosen = chosen?.ring === ring && pathOf(chosen.claim) === pathOf(claim);
        const value = isChosen ? chosen.value : valuesOf(claim, ring, all, near)[0];
        said = value === undefined ? said : withClaim(said, claim.path, placed(claim, value));
      }
      const words = all.filter((each) => each.ring === ring).flatMap((each) => each.scopes);
      tokens[ring] = { ...said, ...scopeClaim(scopes[ring], [...new Set(words)]) };
    }
    return { ...(all.length === 0 ? {} : { tokens }), ...(links.length === 0 ? {} : { links }) };
  });
}

/** The values that every requirement of a claim takes, of those that any of them is near; those of one where there is none. */
function valuesOf(
  claim: ClaimRequirement,
  ring: string,
  all: readonly TokenRequirement[],
  near: readonly TokenRequirement[],
): readonly (string | number)[] {
  const of = (some: readonly TokenRequirement[]) =>
    some
      .filter((each) => each.ring === ring)
      .flatMap(({ claims }) => claims.filter((other) => pathOf(other) === pathOf(claim)))
      .map(({ must }) => must);
  const values = [...valuesNear(claim.must), ...of([...all, ...near]).flatMap(valuesNear)];
  const own = [...new Set(values)].filter((value) => passesTest(claim.must, value));
  const shared = own.filter((value) => of(all).every((must) => passesTest(must, value)));
  return shared.length > 0 ? shared : own;
}

function pathOf({ path }: ClaimRequirement): string {
  return JSON.stringify(path);
}

function scopeClaim(shape: ScopeShape | undefined, scopes: readonly string[]): Record<string, unknown> {
  if (shape === undefined || scopes.length === 0) return {};
  return { [shape.claim]: shape.as === "array" ? scopes : scopes.join(" ") };
}
