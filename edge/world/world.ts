import { createPlace, type Place, type PlaceState, settledPlace } from "./place.ts";
import { createRandom, hexDigits, type RandomState, seededState, uuid } from "./random.ts";
import type { AccountParts, Clock, PointOfPresence, World, ZoneParts, ZoneSpec } from "./types.ts";

/** A change that was stored: which part of what, and when each point of presence will enforce it. */
export interface Commit {
  readonly scope: "zone" | "account";
  readonly id: string;
  readonly part: string;
  readonly at: number;
  /** Point of presence → instant in milliseconds. */
  readonly arrivals: Readonly<Record<string, number>>;
}

/** The world with what only tests and the edge itself use. */
export interface LocalWorld extends World {
  /** Calls `listener` after every commit; the answer removes it. */
  onCommit(listener: (commit: Commit) => void): () => void;
  /** The instant from which every point of presence enforces all that was committed so far. */
  settlesAt(): number;
}

export interface WorldOptions {
  readonly clock: Clock;
  readonly seed: number | string;
  readonly zones: readonly ZoneSpec[];
  /** Accounts without a zone; those of the zones exist anyway. */
  readonly accounts?: readonly string[];
  readonly pops: readonly PointOfPresence[];
  /** Goes on from here and moves it on. Default: an empty world. */
  readonly state?: WorldState;
}

/** What a world holds, as plain data. */
export interface WorldState {
  readonly ids: RandomState;
  readonly lags: RandomState;
  readonly others: RandomState;
  readonly zones: Map<string, StoredParts<ZoneParts>>;
  readonly accounts: Map<string, StoredParts<AccountParts>>;
}

interface StoredParts<Parts extends object> {
  current: Parts;
  /** By point of presence. */
  readonly places: Map<string, PlaceState<Parts>>;
}

/** A world in which nothing was written yet. */
export function emptyWorld(seed: number | string): WorldState {
  return {
    ids: seededState(`${seed}/ids`),
    lags: seededState(`${seed}/lags`),
    others: seededState(seed),
    zones: new Map(),
    accounts: new Map(),
  };
}

/** Cloudflare's default for new zones. Source: developers.cloudflare.com/rules/normalization (asOf 2026-11). */
const DEFAULT_NORMALIZATION = { type: "cloudflare", scope: "incoming" } as const;

interface Stored<Parts extends object> {
  readonly state: StoredParts<Parts>;
  readonly places: ReadonlyMap<string, Place<Parts>>;
}

/**
 * Creates the control plane and its propagation. Unknown zones, accounts and points of presence throw a
 * RangeError: whoever asks must have looked them up before.
 */
export function createWorld(options: WorldOptions): LocalWorld {
  const { clock, pops } = options;
  const state = options.state ?? emptyWorld(options.seed);
  const idRandom = createRandom(state.ids);
  const lagRandom = createRandom(state.lags);
  const random = createRandom(state.others);
  const listeners = new Set<(commit: Commit) => void>();
  requireDistinct(
    "point of presence",
    pops.map((pop) => pop.name),
  );
  requireDistinct(
    "zone id",
    options.zones.map((zone) => zone.id),
  );

  function store<Parts extends object>(
    all: Map<string, StoredParts<Parts>>,
    id: string,
    empty: Parts,
  ): Stored<Parts> {
    const stored: StoredParts<Parts> = all.get(id) ?? { current: empty, places: new Map() };
    all.set(id, stored);
    const places = pops.map(({ name }) => {
      const place = stored.places.get(name) ?? settledPlace(stored.current);
      stored.places.set(name, place);
      return [name, createPlace(place)] as const;
    });
    return { state: stored, places: new Map(places) };
  }
  const zones = new Map(options.zones.map((zone) => [zone.id, store(state.zones, zone.id, emptyZone(zone))]));
  const accountIds = new Set([...options.zones.map((zone) => zone.accountId), ...(options.accounts ?? [])]);
  const accounts = new Map([...accountIds].map((id) => [id, store(state.accounts, id, emptyAccount())]));

  function commit<Parts extends object, K extends keyof Parts & string>(
    scope: Commit["scope"],
    id: string,
    stored: Stored<Parts>,
    part: K,
    value: Parts[K],
  ): void {
    const now = clock.now();
    stored.state.current = { ...stored.state.current, [part]: value };
    const arrivals: Record<string, number> = {};
    for (const pop of pops) {
      const lag = pop.lag(part, lagRandom);
      if (!(lag >= 0)) throw new RangeError(`point of presence ${pop.name} answered a lag of ${lag} ms`);
      arrivals[pop.name] = placeOf(stored, pop.name).send(part, value, now + lag);
    }
    for (const listener of listeners) listener({ scope, id, part, at: now, arrivals });
  }

  return {
    clock,
    pops,
    zones: options.zones,
    zone: (id) => found(zones, id, "zone").state.current,
    account: (id) => found(accounts, id, "account").state.current,
    commitZone: (id, part, value) => commit("zone", id, found(zones, id, "zone"), part, value),
    commitAccount: (id, part, value) => commit("account", id, found(accounts, id, "account"), part, value),
    zoneAt: (pop, id) => placeOf(found(zones, id, "zone"), pop).at(clock.now()),
    accountAt: (pop, id) => placeOf(found(accounts, id, "account"), pop).at(clock.now()),
    id: (kind) => (kind === "uuid" ? uuid(idRandom) : hexDigits(idRandom, 32)),
    random,
    timestamp: () => new Date(clock.now()).toISOString().replace("Z", "000Z"),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settlesAt() {
      let latest = clock.now();
      for (const stored of [...zones.values(), ...accounts.values()]) {
        for (const place of stored.places.values()) latest = Math.max(latest, place.settlesAt());
      }
      return latest;
    },
  };
}

function emptyZone(zone: ZoneSpec): ZoneParts {
  return {
    tokenConfigurations: [],
    tokenRules: [],
    operations: [],
    rulesets: [],
    authIdCharacteristics: [],
    customPages: {},
    urlNormalization: zone.urlNormalization ?? DEFAULT_NORMALIZATION,
  };
}

function emptyAccount(): AccountParts {
  return { rulesets: [], lists: [], customPages: {} };
}

function found<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
  const value = map.get(id);
  if (value === undefined) throw new RangeError(`no ${what} ${id} in this world`);
  return value;
}

function placeOf<Parts extends object>(stored: Stored<Parts>, pop: string): Place<Parts> {
  return found(stored.places, pop, "point of presence");
}

function requireDistinct(what: string, names: readonly string[]): void {
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw new RangeError(`the ${what} ${doubled} is given twice`);
}
