import type { Environment, HostDefinition, Ring, Rule, Zone } from "../definition/types.ts";
import { all, any, excepts, hostIs, not, PREFLIGHT } from "./expressions.ts";
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

/** The host, without its exceptions and real preflights. */
export function hostScope(host: HostDefinition): string {
  const exceptions = host.exceptions.map((exception) => excepts(exception.match));
  return all(
    hostIs(host.host),
    host.preflight ? not(PREFLIGHT) : undefined,
    exceptions.length > 0 ? not(any(exceptions)) : undefined,
  );
}

/** The id that a rule had first: renaming keeps its `ref` and its bucket. */
export function refId(rule: Rule): string {
  return rule.was ?? rule.id;
}
