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

/** A place that enforces `initial` until changes arrive. */
export function createPlace<Parts extends object>(initial: Parts): Place<Parts> {
  let parts = initial;
  let pending: Arrival[] = [];
  let nextAt = Number.POSITIVE_INFINITY;
  const lastArrival = new Map<string, number>();

  function apply(now: number): void {
    const changed: Record<string, unknown> = {};
    for (const arrival of pending) if (arrival.at <= now) changed[arrival.part] = arrival.value;
    pending = pending.filter((arrival) => arrival.at > now);
    nextAt = pending[0]?.at ?? Number.POSITIVE_INFINITY;
    parts = { ...parts, ...changed };
  }

  return {
    at(now) {
      if (now >= nextAt) apply(now);
      return parts;
    },
    send(part, value, arrivesAt) {
      const at = Math.max(arrivesAt, lastArrival.get(part) ?? arrivesAt);
      lastArrival.set(part, at);
      let index = pending.length;
      while (index > 0 && pending[index - 1]!.at > at) index--;
      pending.splice(index, 0, { at, part, value });
      nextAt = pending[0]!.at;
      return at;
    },
    settlesAt: () => pending.at(-1)?.at ?? 0,
  };
}
