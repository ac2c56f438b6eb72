import type {
  Environment,
  HostDefinition,
  JwtRing,
  Ring,
  Rule,
  TokenSource,
  Zone,
} from "../definition/types.ts";
import { all, anyIsSet, hostIs, not, PREFLIGHT, tokenIsValid } from "./expressions.ts";
import { excepts } from "./matches.ts";
import type { RingState, RingStates } from "./types.ts";

/** What the rules of one zone are made from. */
export interface ZoneInput {
  readonly zone: Zone;
  readonly hosts: readonly HostDefinition[];
  readonly rings: ReadonlyMap<string, Ring>;
  readonly environment: Environment;
  readonly states: RingStates;
}

const NO_KEYS: RingState = { active: false, everBlocked: false, keys: [] };

/** What is known of a ring; a ring without a ledger has no keys. */
export function stateOf(input: ZoneInput, ring: string): RingState {
  return input.states[ring] ?? NO_KEYS;
}

/** What is known of several rings. */
export function statesOf(input: ZoneInput, rings: readonly string[]): RingState[] {
  return rings.map((ring) => stateOf(input, ring));
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

/** Every place where the hosts have tokens of the ring. One token configuration serves a zone: it reads them all. */
export function sourcesOf(hosts: readonly HostDefinition[], ring: string): readonly TokenSource[] {
  const uses = hosts.flatMap((host) => host.tokens.filter((use) => use.ring === ring));
  const sources = new Map(
    uses.flatMap((use) => use.sources.map((source) => [`${source.kind} ${source.name}`, source])),
  );
  return [...sources.values()];
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
