import type { RingStates } from "../compile/types.ts";
import { leavesOf } from "../definition/requirementTree.ts";
import {
  type Definitions,
  type Environment,
  isTokenRing,
  type Ring,
  type TokenRing,
} from "../definition/types.ts";
import { formatDuration } from "../facts/durations.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { ledgerId } from "../ring/ringDefinition.ts";
import { acts, type Guard, guardsOf, phaseOf } from "./guards.ts";

export interface OutstandingRefusal {
  readonly ok: false;
  readonly code: "RING_CHANGED";
  readonly message: string;
}

/**
 * Holds rings against what they were: a change of what their rules ask would refuse every token or link that was
 * given out until now, or let ended links hold again. Rules that only log do neither, so the change takes two steps.
 *
 * @param before the definitions that are deployed
 */
export function keepsOutstanding(
  before: Definitions,
  now: Definitions,
  environment: Environment,
  states: RingStates,
): { readonly ok: true } | OutstandingRefusal {
  const guards = now.hosts.flatMap((host) => guardsOf(host, environment, states));
  const refused = now.rings.flatMap((ring) => {
    const former = before.rings.find((other) => ledgerId(other) === ledgerId(ring));
    const acting = guards.filter((guard) => guard.rings.includes(ring.id) && acts(guard.effective));
    if (former === undefined || acting.length === 0) return [];
    const scoped = acting.some(({ rule }) =>
      leavesOf(rule.require).some(
        (leaf) => leaf.kind === "token" && leaf.ring === ring.id && leaf.scopes.length > 0,
      ),
    );
    const changes = [
      ...changesOf(former, ring, scoped),
      ...(isTokenRing(former) && isTokenRing(ring)
        ? placesLeft(before, now, former.id, ring.id, acting)
        : []),
    ];
    return changes.length === 0 ? [] : [describe(former, ring, changes, acting)];
  });
  if (refused.length === 0) return { ok: true };
  return { ok: false, code: "RING_CHANGED", message: refused.join("\n") };
}

/** Where hosts no longer look for a ring's tokens: a token that is only there counts as none. */
function placesLeft(
  before: Definitions,
  now: Definitions,
  former: string,
  ring: string,
  acting: readonly Guard[],
): string[] {
  const sources = (hosts: Definitions["hosts"], name: string, id: string) =>
    hosts
      .filter(({ host }) => host === name)
      .flatMap(({ tokens }) => tokens.filter((use) => use.ring === id).flatMap((use) => use.sources))
      .map(({ kind, name }) => `${kind} ${name}`);
  const hosts = now.hosts.filter(({ rules }) => acting.some(({ rule }) => rules.includes(rule)));
  return hosts.flatMap(({ host }) =>
    lost(
      `where its tokens are on ${host}`,
      sources(before.hosts, host, former),
      sources(now.hosts, host, ring),
    ),
  );
}

/** What of a ring's tokens or links is no longer what the rules will ask; another kind is the ledger's to refuse. */
function changesOf(before: Ring, now: Ring, scoped: boolean): string[] {
  switch (now.kind) {
    case "hmac":
      if (before.kind !== now.kind) return [];
      return [
        ...changed("the parameter", before.parameter, now.parameter),
        ...changed("what links are bound to", before.bind.join(" and "), now.bind.join(" and ")),
        ...changed("the lifetime", formatDuration(before.lifetime), formatDuration(now.lifetime)),
      ];
    case "jwt":
    case "mirror":
      if (!isTokenRing(before)) return [];
      return [
        ...lost("the issuer", before.issuers, now.issuers),
        ...lost("the audience", before.audiences, now.audiences),
        ...(scoped ? changed("how scopes stand in a token", shapeOf(before), widened(before, now)) : []),
      ];
  }
}

function changed(what: string, before: string, now: string): string[] {
  return before === now ? [] : [`${what} (${before} → ${now})`];
}

/** One more beside those that were takes whatever they took. */
function lost(what: string, before: readonly string[], now: readonly string[]): string[] {
  if (before.every((each) => now.includes(each))) return [];
  return changed(what, before.join(", "), now.join(", "));
}

function shapeOf({ scope }: TokenRing): string {
  return scope.as === "words" ? `words of ${scope.claim}` : `${scope.length} elements of ${scope.claim}`;
}

/** A longer array takes whatever a shorter one took. */
function widened(before: TokenRing, now: TokenRing): string {
  const [was, is] = [before.scope, now.scope];
  const takesAll =
    was.as === "array" && is.as === "array" && was.claim === is.claim && is.length >= was.length;
  return shapeOf(takesAll ? before : now);
}

function describe(before: Ring, now: Ring, changes: readonly string[], acting: readonly Guard[]): string {
  const { file, line, column } = now.at;
  const called = { [CUSTOM_PHASE]: "", [RATE_LIMIT_PHASE]: " (its limit)" };
  const rules = [...new Set(acting.map(({ rule, name }) => `${rule.id}${called[phaseOf(name)]}`))];
  const [things, wait] =
    now.kind === "hmac"
      ? ["link", Math.max(longest(before), longest(now))]
      : ["token", Math.max(before.lifetime, now.lifetime)];
  const revives = before.kind === "hmac" && now.kind === "hmac" && now.lifetime > before.lifetime;
  const effect = revives
    ? "links that have ended would hold again, or outstanding ones be refused,"
    : `every ${things} given out until now that does not fit would be refused`;
  return `ring ${now.id} (${file}:${line}:${column}) changes ${changes.join(", ")}: ${effect} at once by ${rules.join(", ")}. In two steps: deploy the change with \`mode: log\` for ${rules.length === 1 ? "this rule" : "these rules"}, which then refuse${rules.length === 1 ? "s" : ""} nothing, and let the issuer follow; ${formatDuration(wait)} after the last old ${things} take \`mode: log\` away. If no request may pass meanwhile, make a ring with an id of its own beside this one and move rule by rule`;
}

function longest(ring: Ring): number {
  return ring.kind === "hmac" ? Math.max(ring.lifetime, ring.longestLifetime ?? 0) : ring.lifetime;
}
