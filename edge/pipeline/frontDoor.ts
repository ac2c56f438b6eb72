import type { Choices } from "../choices.ts";
import type { Random } from "../world/random.ts";
import type { World, ZoneSpec } from "../world/types.ts";
import { enter } from "./context.ts";
import { page } from "./pages.ts";
import type { Ending, Pipeline } from "./pipeline.ts";
import type { Planner } from "./plan.ts";
import { type Recorder, traceTokens } from "./recorder.ts";
import { BadRequestError, type EdgeRequest, type HeaderPair, receive, type Visitor } from "./request.ts";
import type { Verdict } from "./verdict.ts";

/** What a client gets, and beside it what decided. */
export interface EdgeResponse {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: string | Uint8Array;
  readonly verdict: Verdict;
}

export interface FrontDoorParts {
  readonly world: World;
  /** For `cf-ray`. */
  readonly random: Random;
  readonly choices: Choices;
  readonly planner: Planner;
  readonly pipeline: Pipeline;
  readonly recorder: Recorder;
}

/** Finds the zone, runs the pipeline, and finishes the answer. */
export function createFrontDoor(
  parts: FrontDoorParts,
): (request: EdgeRequest, visitor: Visitor) => Promise<EdgeResponse> {
  const { world, planner, recorder, choices, random } = parts;
  const date = createDateHeader();
  // Longest names first, so that the first match is the most specific zone.
  const zones = world.zones.toSorted((left, right) => right.name.length - left.name.length);

  const offsets = new Map(world.pops.map((pop) => [pop.name, pop.clockOffset ?? 0]));

  function zoneOf(host: string): ZoneSpec | undefined {
    return zones.find(({ name }) => host === name || host.endsWith(`.${name}`));
  }

  function finish(
    request: EdgeRequest,
    visitor: Visitor,
    ray: string,
    nowMs: number,
    ending: Ending,
    seen: Pick<Verdict, "hits" | "tokens">,
  ): EdgeResponse {
    const { status, headers = [], body = "" } = ending.response;
    const cacheStatus: readonly HeaderPair[] =
      ending.cacheStatus === undefined ? [] : [["cf-cache-status", ending.cacheStatus]];
    return {
      status,
      headers: [
        ...headers,
        ...cacheStatus,
        ["date", date(nowMs)],
        ["server", "cloudflare"],
        ["cf-ray", `${ray}-${visitor.pop}`],
      ],
      body: request.method === "HEAD" ? "" : body,
      verdict: {
        outcome: ending.outcome,
        ...(ending.decidedBy === undefined ? {} : { decidedBy: ending.decidedBy }),
        ...seen,
      },
    };
  }

  return async (request, visitor) => {
    // Changes arrive by the true time; what a request's times are compared with is the place's own clock.
    const nowMs = world.clock.now() + (offsets.get(visitor.pop) ?? 0);
    const ray = word(random) + word(random);
    const end = (ending: Ending, seen: Pick<Verdict, "hits" | "tokens"> = { hits: [], tokens: [] }) =>
      finish(request, visitor, ray, nowMs, ending, seen);
    let received: ReturnType<typeof receive>;
    try {
      received = receive(request, choices);
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      return end({ outcome: "badRequest", response: page(400, "text/plain", error.message) });
    }
    const zone = zoneOf(received.host.replace(/:\d+$/, ""));
    if (zone === undefined) {
      // developers.cloudflare.com/support/troubleshooting: error 1001, the host cannot be resolved (asOf 2026-11).
      return end({ outcome: "unknownHost", response: page(409, "text/plain", "error code: 1001") });
    }
    const account = world.accountAt(visitor.pop, zone.accountId);
    const plan = planner.planFor(world.zoneAt(visitor.pop, zone.id), account);
    const context = enter({ received, visitor, zone, plan, nowMs, ray }, choices);
    recorder.invalidRules(context);
    const ending = await parts.pipeline(context);
    recorder.violations(context);
    return end(ending, { hits: recorder.hits(context), tokens: traceTokens(context) });
  };
}

/** Eight hexadecimal digits. */
function word(random: () => number): string {
  return Math.floor(random() * 4294967296)
    .toString(16)
    .padStart(8, "0");
}

/** HTTP dates (RFC 9110 §5.6.7) change once a second: the last one is kept. */
function createDateHeader(): (nowMs: number) => string {
  let second = Number.NaN;
  let text = "";
  return (nowMs) => {
    const current = Math.floor(nowMs / 1000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1000).toUTCString();
    }
    return text;
  };
}
