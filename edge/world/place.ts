/** One change on its way to a point of presence. */
interface Arrival {
  readonly at: number;
  readonly part: string;
  readonly value: unknown;
}

/**
 * What one point of presence enforces of one zone or account: a whole object that is replaced, never
 * mutated, at the instants at which changes arrive.
 */
export interface Place<Parts extends object> {
  /** The parts enforced at `now`; the same object (===) until something arrives. */
  at(now: number): Parts;
  /** Sends a change on its way; it never overtakes an earlier one of the same part. */
  send<K extends keyof Parts & string>(part: K, value: Parts[K], arrivesAt: number): number;
  /** The last instant at which something sent so far arrives; 0 if nothing is on its way. */
  settlesAt(): number;
}

/** What a place enforces and what is on its way to it. */
export interface PlaceState<Parts extends object> {
  parts: Parts;
  pending: Arrival[];
  readonly lastArrival: Map<string, number>;
}

/** A place that enforces `parts`, and nothing on its way. */
export function settledPlace<Parts extends object>(parts: Parts): PlaceState<Parts> {
  return { parts, pending: [], lastArrival: new Map() };
}

/** A place that goes on from `state` and moves it on. */
export function createPlace<Parts extends object>(state: PlaceState<Parts>): Place<Parts> {
  const { lastArrival } = state;
  let nextAt = state.pending[0]?.at ?? Number.POSITIVE_INFINITY;

  function apply(now: number): void {
    const changed: Record<string, unknown> = {};
    for (const arrival of state.pending) if (arrival.at <= now) changed[arrival.part] = arrival.value;
    state.pending = state.pending.filter((arrival) => arrival.at > now);
    nextAt = state.pending[0]?.at ?? Number.POSITIVE_INFINITY;
    state.parts = { ...state.parts, ...changed };
  }

  return {
    at(now) {
      if (now >= nextAt) apply(now);
      return state.parts;
    },
    send(part, value, arrivesAt) {
      const at = Math.max(arrivesAt, lastArrival.get(part) ?? arrivesAt);
      lastArrival.set(part, at);
      const { pending } = state;
      let index = pending.length;
      while (index > 0 && pending[index - 1]!.at > at) index--;
      pending.splice(index, 0, { at, part, value });
      nextAt = pending[0]!.at;
      return at;
    },
    settlesAt: () => state.pending.at(-1)?.at ?? 0,
  };
}
