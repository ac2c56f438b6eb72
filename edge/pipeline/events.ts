import type { TokenProblem } from "../token/validate.ts";

/** What is told about a request's token: never the token, never a claim's value but `sub`. */
export interface TokenTrace {
  readonly configuration: string;
  readonly valid: boolean;
  readonly problem?: TokenProblem;
  readonly sub?: string;
  /** The names of the top-level claims of a valid token. */
  readonly claims?: readonly string[];
}

/** One row of Security Events. */
export interface SecurityEvent {
  readonly [member: string]: unknown;
  /** RFC 3339. */
  readonly datetime: string;
  readonly zoneId: string;
  readonly pop: string;
  readonly ray: string;
  readonly source: string;
  readonly service: string;
  readonly phase: string;
  readonly action: string;
  readonly rulesetId?: string;
  readonly ruleId?: string;
  readonly ref?: string;
  readonly description?: string;
  readonly method: string;
  readonly host: string;
  /** Without the query, which may hold a signature or a token. */
  readonly path: string;
  readonly ip: string;
  readonly country: string;
  /** The answer's status where the rule ended the request. */
  readonly status?: number;
  readonly tokens: readonly TokenTrace[];
}

/** Every member that is given must be equal. */
export type EventFilter = Partial<
  Pick<
    SecurityEvent,
    | "zoneId"
    | "pop"
    | "ray"
    | "source"
    | "service"
    | "phase"
    | "action"
    | "rulesetId"
    | "ruleId"
    | "ref"
    | "host"
    | "path"
  >
>;

/** The last events, oldest first. */
export interface EventLog {
  add(event: SecurityEvent): void;
  query(filter?: EventFilter): readonly SecurityEvent[];
  /** Events seen since the start, those dropped included. */
  total(): number;
  clear(): void;
}

/** The events as plain data: `ring` is full from `next` on, where the oldest one stands. */
export interface EventState {
  ring: SecurityEvent[];
  next: number;
  total: number;
}

/** Nothing happened yet. */
export function noEvents(): EventState {
  return { ring: [], next: 0, total: 0 };
}

/** Keeps at most `capacity` events in `state`; older ones are dropped. */
export function createEventLog(capacity: number, state: EventState = noEvents()): EventLog {
  return {
    add(event) {
      state.total++;
      if (state.ring.length < capacity) state.ring.push(event);
      else {
        state.ring[state.next] = event;
        state.next = (state.next + 1) % capacity;
      }
    },
    query(filter = {}) {
      const wanted = Object.entries(filter);
      const ordered = [...state.ring.slice(state.next), ...state.ring.slice(0, state.next)];
      return ordered.filter((event) => wanted.every(([member, value]) => event[member] === value));
    },
    total: () => state.total,
    clear() {
      state.ring = [];
      state.next = 0;
    },
  };
}
