import { type ApiOptions, createApi } from "./api/api.ts";
import { type Choices, resolveChoices } from "./choices.ts";
import { createFaults, type Faults } from "./faults/faults.ts";
import { createStaleness } from "./faults/staleness.ts";
import { chosen } from "./language/choices.ts";
import { createEdgeCache } from "./pipeline/cache.ts";
import { type ChallengeLevel, CLEARANCE_COOKIE, createClearances } from "./pipeline/clearance.ts";
import { createEventLog, type EventLog } from "./pipeline/events.ts";
import type { LanguageChoices } from "./pipeline/expressions.ts";
import { createFrontDoor, type EdgeResponse } from "./pipeline/frontDoor.ts";
import type { CustomPageSource } from "./pipeline/interstitials.ts";
import { echoOrigin, type Origin } from "./pipeline/origin.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import { createPlanner } from "./pipeline/plan.ts";
import { createRateLimits } from "./pipeline/rateLimits.ts";
import { createRecorder } from "./pipeline/recorder.ts";
import { type EdgeRequest, fromFetchRequest, type Visitor } from "./pipeline/request.ts";
import { createSecurity } from "./pipeline/security.ts";
import { type EdgeState, freshState } from "./state.ts";
import { VirtualClock } from "./world/clock.ts";
import { constantLag } from "./world/lag.ts";
import { createRandom } from "./world/random.ts";
import type { Clock, PointOfPresence, ZoneSpec } from "./world/types.ts";
import { createWorld, type LocalWorld } from "./world/world.ts";

export interface EdgeOptions {
  /** Default: a virtual clock that stands at 2026-11-22T00:00:00Z. */
  readonly clock?: Clock;
  /** For ids, lags, rays and clearances. Default 1. */
  readonly seed?: number | string;
  readonly zones: readonly ZoneSpec[];
  /** Accounts without a zone. */
  readonly accounts?: readonly string[];
  /** Default: one, `AMS`, that learns of changes at once. */
  readonly pops?: readonly PointOfPresence[];
  /** What stands behind the edge. Default: an origin that answers what reached it. */
  readonly origin?: Origin;
  /** Decisions of `choices.ts` taken otherwise. */
  readonly choices?: Partial<Choices>;
  /** Decisions of `language/choices.ts` taken otherwise. */
  readonly language?: LanguageChoices;
  /** Tokens, permissions, request limit and choices of the API. */
  readonly api?: Omit<ApiOptions, "language" | "store">;
  /** The content behind the addresses of custom pages. */
  readonly pages?: CustomPageSource;
  /** Security events kept. Default 10,000. */
  readonly eventCapacity?: number;
  /** Lets time pass for slow and lost answers. Default: moves a virtual clock; with another clock nothing waits. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Goes on from here and moves it on; the clock, zones and places are the caller's to give again. */
  readonly state?: EdgeState;
}

/** A local Cloudflare: its API, its points of presence and its faults. */
export interface Edge {
  readonly world: LocalWorld;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly faults: Faults;
  /** All that this edge holds. A structured clone of it, given to `createEdge`, goes on from there. */
  readonly state: EdgeState;
  /** Answers a request under `/client/v4`. Rejects only where a fault loses the answer. */
  api(request: Request): Promise<Response>;
  /** As `fetch`: whatever address is given, what follows `/client/v4` goes to this edge's API. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Sends a request through the front door. `visitor` says where it arrives and from where; see DEFAULT_VISITOR. */
  handle(request: EdgeRequest | Request, visitor?: Partial<Visitor>): Promise<EdgeResponse>;
  /** As if this address had passed a challenge: a Cookie header's value that lets its requests through. */
  issueClearance(zoneId: string, ip: string, level?: ChallengeLevel): string;
  /** Rate limit counters held, at all points of presence. */
  counters(): number;
  /** The current value of a secret in a Secrets Store, as a Worker reads it through its binding. */
  secretValue(accountId: string, store: string, name: string): string | undefined;
  /** The text of a Worker's `secret_text` binding; undefined if there is none. */
  workerSecret(accountId: string, script: string, name: string): string | undefined;
  /** The bytes of a KV value; undefined if there is none or it expired. `namespace` is its id or title. */
  kvValue(accountId: string, namespace: string, key: string): Uint8Array | undefined;
}

/** Where requests come from unless said otherwise (RFC 5737 and RFC 5398: documentation only). */
export const DEFAULT_VISITOR = {
  ip: "192.0.2.1",
  country: "NL",
  continent: "EU",
  asn: 64496,
} as const satisfies Omit<Visitor, "pop">;

/** Cached answers kept, over all points of presence. */
const CACHE_CAPACITY = 10_000;

/** Creates a local Cloudflare. Two with equal options and equal calls behave equally. */
export function createEdge(options: EdgeOptions): Edge {
  const clock = options.clock ?? new VirtualClock(Date.UTC(2026, 10, 22));
  const seed = options.seed ?? 1;
  const choices = resolveChoices(options.choices);
  const language = chosen(options.language);
  const state = options.state ?? freshState(seed);
  const world = createWorld({
    clock,
    seed,
    zones: options.zones,
    accounts: options.accounts ?? [],
    pops: options.pops ?? [{ name: "AMS", lag: constantLag(0) }],
    state: state.world,
  });
  const events = createEventLog(options.eventCapacity ?? 10_000, state.events);

  const staleness = createStaleness(world, state.former);
  const api = createApi(staleness.world, {
    ...options.api,
    language,
    store: state.store,
  });
  const faults = createFaults((request) => api.fetch(request), {
    staleness,
    clock,
    active: state.faults,
    wait: options.wait ?? (async (ms) => void (clock instanceof VirtualClock && clock.advance(ms))),
  });

  const recorder = createRecorder(events, choices);
  const rateLimits = createRateLimits(choices, state.rates);
  const clearances = createClearances(state.clearances, choices.clearanceSeconds * 1000);
  const pages = options.pages ?? (() => undefined);
  const pipeline = createPipeline({
    choices,
    rateLimits,
    recorder,
    security: createSecurity({ choices, clearances, rateLimits, recorder, pages }),
    cache: createEdgeCache(CACHE_CAPACITY, state.cache),
    origin: options.origin ?? echoOrigin,
  });
  const frontDoor = createFrontDoor({
    world,
    random: createRandom(state.rays),
    choices,
    planner: createPlanner(choices, language),
    pipeline,
    recorder,
  });
  const pop = world.pops[0]?.name ?? "";

  return {
    world,
    clock,
    events,
    faults,
    state,
    api: faults.fetch,
    fetch: (input, init) => faults.fetch(atApi(input, init)),
    async handle(request, visitor) {
      const received = request instanceof Request ? await fromFetchRequest(request) : request;
      return frontDoor(received, { ...DEFAULT_VISITOR, pop, ...visitor });
    },
    issueClearance: (zoneId, ip, level = "challenge") =>
      `${CLEARANCE_COOKIE}=${clearances.issue(zoneId, ip, level, clock.now())}`,
    counters: () => rateLimits.size(),
    secretValue: api.secretValue,
    workerSecret: api.workerSecret,
    kvValue: api.kvValue,
  };
}

/** The same request at the API's own address, whatever base address the caller uses. */
function atApi(input: string | URL | Request, init: RequestInit | undefined): Request {
  const address = input instanceof Request ? input.url : String(input);
  const path = address.slice(Math.max(0, address.indexOf("/client/v4")));
  const url = new URL(path, "https://api.cloudflare.com");
  return new Request(url, input instanceof Request ? new Request(input, init) : init);
}
