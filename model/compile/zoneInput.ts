import type { Environment, HostDefinition, JwtRing, Match, Ring, Rule, Zone } from "../definition/types.ts";
import { sourcesOf } from "../policy/policy.ts";
import type { Decision, Stretch } from "../policy/types.ts";
import { all, any, anyIsSet, not, PREFLIGHT, tokenIsValid } from "./expressions.ts";
import { hostIs, hostsAre } from "./hostScope.ts";
import { excepts } from "./matches.ts";
import type { RingState, RingStates } from "./types.ts";

/** What the rules of one zone are made from. */
export interface ZoneInput {
  readonly zone: Zone;
  readonly hosts: readonly HostDefinition[];
  /** For each of the hosts what it wants over time. */
  readonly policies: readonly (readonly Stretch[])[];
  readonly rings: ReadonlyMap<string, Ring>;
  readonly environment: Environment;
  readonly states: RingStates;
}

const NO_KEYS: RingState = { active: false, everBlocked: false, keys: [] };

/** What is known of a ring; a ring without a ledger has no keys. */
export function stateOf(input: ZoneInput, ring: string): RingState {
  return input.states[ring] ?? NO_KEYS;
}

/** The host, without its exceptions and real preflights. */
export function hostScope(host: HostDefinition): string {
  return all(hostIs(host), withoutExceptions(host));
}

/** None of a host's exceptions and real preflights; empty where it has none. */
export function withoutExceptions(host: HostDefinition, preflight = host.preflight): string {
  const exceptions = host.exceptions.flatMap(({ matches }) => matches);
  return all(
    preflight ? not(PREFLIGHT) : undefined,
    exceptions.length > 0 ? not(excepts(exceptions)) : undefined,
  );
}

/** What one rule has to say on one host of the zone. */
export interface OnHost extends Decision {
  readonly host: HostDefinition;
}

/**
 * The requests that what one rule has to say means, whatever their host. Hosts on which the same is meant share it.
 *
 * @param meaning which requests to a host are meant
 */
export function onHosts(
  some: readonly OnHost[],
  meaning: (on: { readonly host: HostDefinition; readonly matches: readonly Match[] }) => string,
): string {
  const hosts = new Map<string, HostDefinition[]>();
  for (const [host, own] of Map.groupBy(some, (each) => each.host)) {
    const meant = meaning({ host, matches: own.map(({ match }) => match) });
    hosts.set(meant, [...(hosts.get(meant) ?? []), host]);
  }
  return any([...hosts].map(([meant, same]) => all(hostsAre(same), meant)));
}

/** The hosts' names, for a rule's description. */
export function namesOf(some: readonly OnHost[]): string {
  return [...new Set(some.map(({ host }) => host.host))].join(", ");
}

/**
 * A valid token of the ring, from a place that the host has for it. Where other hosts of the zone have more places,
 * Cloudflare reads those here too; a token there opens nothing here.
 */
export function tokenGuard(input: ZoneInput, host: HostDefinition, ring: JwtRing): string {
  const here = sourcesOf([host], ring.id);
  const everywhere = sourcesOf(input.hosts, ring.id);
  return all(tokenIsValid(ring), here.length < everywhere.length ? anyIsSet(here) : undefined);
}

/** The id that a rule had first: renaming keeps its `ref` and its bucket. */
export function refId(rule: Rule): string {
  return rule.was ?? rule.id;
}
