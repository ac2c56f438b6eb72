import type { Clock } from "../world/types.ts";
import type { Staleness } from "./staleness.ts";
import type { ApiCall, Fault, FaultSpec } from "./types.ts";
import { NoAnswerError } from "./types.ts";

/** Faults on demand, and a log of all calls. */
export interface Faults {
  /** Adds a fault; the answer removes it. Faults apply in the order in which they were added. */
  add(spec: FaultSpec): () => void;
  clear(): void;
  /** The calls so far, oldest first: at most the last 10,000. */
  readonly calls: readonly ApiCall[];
}

export type ApiFetch = (request: Request) => Promise<Response>;

export interface FaultOptions {
  /** Lets `ms` milliseconds pass: moves a virtual clock, or sleeps. */
  readonly wait: (ms: number) => Promise<void>;
  readonly staleness: Staleness;
  /** Dates the answers. */
  readonly clock: Clock;
  /** The faults to begin with, moved on as calls come. */
  readonly active: Set<ActiveFault>;
}

/** How long a client waits for an answer: the official SDK's time-out (cloudflare 7.3.0). */
const CLIENT_TIMEOUT_MS = 60_000;
const KEPT_CALLS = 10_000;
const BASE = /^.*?\/client\/v4/;

/** A fault and how many calls it fitted so far. */
export interface ActiveFault {
  readonly spec: FaultSpec;
  fitting: number;
}

/** Puts faults between callers and the API. */
export function createFaults(api: ApiFetch, options: FaultOptions): Faults & { readonly fetch: ApiFetch } {
  const { active } = options;
  const calls: ApiCall[] = [];
  let count = 0;

  /** The faults for this call; counts it for all that fit. */
  function due(method: string, path: string): readonly Fault[] {
    const found: Fault[] = [];
    for (const entry of active) {
      const { spec } = entry;
      if (spec.method !== undefined && spec.method.toUpperCase() !== method) continue;
      if (typeof spec.path === "string" && !path.includes(spec.path)) continue;
      if (spec.path instanceof RegExp && path.search(spec.path) === -1) continue;
      entry.fitting++;
      const first = spec.nth ?? 1;
      const times = spec.times ?? (spec.nth === undefined ? Number.POSITIVE_INFINITY : 1);
      if (entry.fitting >= first && entry.fitting < first + times) found.push(spec);
    }
    return found;
  }

  async function fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(BASE, "");
    const faults = due(request.method, path);
    const call: ApiCall = {
      n: ++count,
      method: request.method,
      path,
      faults: faults.map((fault) => fault.kind),
      status: undefined,
    };
    calls.push(call);
    if (calls.length > KEPT_CALLS) calls.shift();
    const response = await answer(request, faults);
    call.status = response.status;
    return response;
  }

  async function answer(request: Request, faults: readonly Fault[]): Promise<Response> {
    for (const fault of faults) {
      if (fault.kind === "foreignWriter" && fault.when === "before") await fault.write();
      if (fault.kind === "status") return failure(fault, options.clock);
      if (fault.kind === "permissionLoss") return failure(PERMISSION_LOSS, options.clock);
      if (fault.kind === "timeout") return noAnswer(fault, request.signal);
    }
    const stale = faults.find((fault) => fault.kind === "staleRead");
    const dropped = faults.some((fault) => fault.kind === "droppedKey");
    const asKept = dropped ? await withoutLastKey(request) : request;
    const response = await (stale === undefined || request.method !== "GET"
      ? api(asKept)
      : options.staleness.read(stale.versions ?? 1, () => api(asKept)));
    for (const fault of faults) {
      if (fault.kind === "foreignWriter" && fault.when === "after") await fault.write();
      if (fault.kind === "slowAnswer") await options.wait(fault.ms);
      if (fault.kind === "lostAnswer") return noAnswer(fault, request.signal);
    }
    return response;
  }

  /** Ends as `fetch` ends without an answer: at the caller's abort (`hang`), or once the time-out has passed. */
  async function noAnswer(
    fault: Fault & { kind: "timeout" | "lostAnswer" },
    signal: AbortSignal,
  ): Promise<never> {
    if (fault.hang === true) {
      await new Promise((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
    await options.wait(fault.afterMs ?? CLIENT_TIMEOUT_MS);
    throw new TypeError("fetch failed", { cause: new NoAnswerError(fault.kind) });
  }

  return {
    fetch,
    calls,
    add(spec) {
      const entry = { spec, fitting: 0 };
      active.add(entry);
      return () => active.delete(entry);
    },
    clear: () => active.clear(),
  };
}

/** Code 10000 is Cloudflare's authentication error (developers.cloudflare.com/api, asOf 2026-11). */
const PERMISSION_LOSS = {
  kind: "status",
  status: 403,
  code: 10000,
  message: "Authentication error",
} as const satisfies Fault;

/** The same call with one key fewer; as it is where its body holds no `keys`. */
async function withoutLastKey(request: Request): Promise<Request> {
  const text = await request.clone().text();
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
  if (body === undefined || !Array.isArray((body as { keys?: unknown }).keys)) return request;
  const { keys } = body as { keys: readonly unknown[] };
  return new Request(request, { body: JSON.stringify({ ...(body as object), keys: keys.slice(0, -1) }) });
}

/** An answer in the API's envelope. */
function failure(fault: Fault & { kind: "status" }, clock: Clock): Response {
  const { status, retryAfter, shouldRetry } = fault;
  const error = {
    code: fault.code ?? 10_000 + status,
    message: fault.message ?? `fault on demand: ${status}`,
  };
  return Response.json(
    { success: false, errors: [error], messages: [], result: null },
    {
      status,
      headers: {
        date: new Date(clock.now()).toUTCString(),
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
        ...(shouldRetry === undefined ? {} : { "x-should-retry": String(shouldRetry) }),
      },
    },
  );
}
