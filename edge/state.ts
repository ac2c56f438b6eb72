import { emptyStore, type StoreState } from "./api/store.ts";
import type { ActiveFault } from "./faults/faults.ts";
import type { FormerParts } from "./faults/staleness.ts";
import type { CacheState } from "./pipeline/cache.ts";
import { type ClearanceState, noClearances } from "./pipeline/clearance.ts";
import { type EventState, noEvents } from "./pipeline/events.ts";
import type { RateState } from "./pipeline/rateLimits.ts";
import { type RandomState, seededState } from "./world/random.ts";
import { emptyWorld, type WorldState } from "./world/world.ts";

/**
 * All that an edge remembers, as plain data (maps, sets, bytes) that structured cloning takes; only a fault
 * `foreignWriter` holds a function. Not in it: rolled API tokens and the API's own request limit. It holds what
 * Cloudflare holds: keys of tokens and secrets of links.
 */
export interface EdgeState {
  readonly world: WorldState;
  readonly store: StoreState;
  readonly rates: RateState;
  readonly events: EventState;
  readonly cache: CacheState;
  readonly clearances: ClearanceState;
  readonly rays: RandomState;
  readonly former: FormerParts;
  readonly faults: Set<ActiveFault>;
}

/** An edge in which nothing happened yet. */
export function freshState(seed: number | string): EdgeState {
  return {
    world: emptyWorld(seed),
    store: emptyStore(),
    rates: new Map(),
    events: noEvents(),
    cache: new Map(),
    clearances: noClearances(seed),
    rays: seededState(`${seed}/rays`),
    former: new Map(),
    faults: new Set(),
  };
}
