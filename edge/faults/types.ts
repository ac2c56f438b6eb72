/** Something that goes wrong with a call of the API. */
export type Fault =
  /** The API refuses or fails; nothing takes effect. */
  | {
      readonly kind: "status";
      readonly status: number;
      /** Seconds, or anything else to be sent as `Retry-After`. */
      readonly retryAfter?: number | string;
      /** Sent as `x-should-retry`, which decides alone for Cloudflare's clients. */
      readonly shouldRetry?: boolean;
      readonly code?: number;
      readonly message?: string;
    }
  /** The token may not do this any more; nothing takes effect. */
  | { readonly kind: "permissionLoss" }
  /** The call never reaches the API: nothing takes effect and no answer comes. */
  | { readonly kind: "timeout"; readonly hang?: boolean; readonly afterMs?: number }
  /** The call takes effect, but its answer never arrives. */
  | { readonly kind: "lostAnswer"; readonly hang?: boolean; readonly afterMs?: number }
  /** The call takes effect at once and its answer arrives `ms` later. */
  | { readonly kind: "slowAnswer"; readonly ms: number }
  /** A write of a key set answers as always, and the last of its keys is not kept. */
  | { readonly kind: "droppedKey" }
  /** A read that does not see the last `versions` (default 1) changes of each part. */
  | { readonly kind: "staleRead"; readonly versions?: number }
  /** Somebody else writes just before the call, or between its effect and its answer. */
  | {
      readonly kind: "foreignWriter";
      readonly when: "before" | "after";
      readonly write: () => void | Promise<void>;
    };

/** Which calls a fault is for. All that is given must fit; nothing given fits every call. */
export interface FaultMatch {
  readonly method?: string;
  /** A part of the path below `/client/v4`, or an expression that must match it. */
  readonly path?: string | RegExp;
  /** Only the nth fitting call since the fault was added, from 1. */
  readonly nth?: number;
  /** Only so many fitting calls, from the first or the nth on. Default: 1 with `nth`, else all. */
  readonly times?: number;
}

export type FaultSpec = FaultMatch & Fault;

/** One call of the API as the faults saw it; bodies are never kept. */
export interface ApiCall {
  /** Position among all calls, from 1. */
  readonly n: number;
  readonly method: string;
  /** Below `/client/v4`, without the query. */
  readonly path: string;
  /** Kinds of the faults that applied. */
  readonly faults: readonly Fault["kind"][];
  /** Undefined while the call is under way and where no answer arrived. */
  status: number | undefined;
}

/** Why no answer arrives; the cause of the `TypeError: fetch failed` that callers see. */
export class NoAnswerError extends Error {
  readonly code = "EDGE_NO_ANSWER";
  override readonly name = "NoAnswerError";
  readonly fault: "timeout" | "lostAnswer";

  constructor(fault: "timeout" | "lostAnswer") {
    super(fault === "timeout" ? "the call did not reach the API" : "the API's answer was lost");
    this.fault = fault;
  }
}
