import type { Environment, HostDefinition, JwtRing, Ring, Rule, Zone } from "../definition/types.ts";
import { sourcesOf } from "../policy/policy.ts";
import type { HostPolicy } from "../policy/types.ts";
import { all, anyIsSet, hostIs, not, PREFLIGHT, tokenIsValid } from "./expressions.ts";
import { excepts } from "./matches.ts";
import type { RingState, RingStates } from "./types.ts";

/** What the rules of one zone are made from. */
export interface ZoneInput {
  readonly zone: Zone;
  readonly hosts: readonly HostDefinition[];
  /** One for each of the hosts. */
  readonly policies: readonly HostPolicy[];
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
export function hostScope(host: HostDefinition, preflight = host.preflight): string {
  const exceptions = host.exceptions.map((exception) => exception.match);
  return all(
    hostIs(host.host),
    preflight ? not(PREFLIGHT) : undefined,
    exceptions.length > 0 ? not(excepts(exceptions)) : undefined,
  );
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
