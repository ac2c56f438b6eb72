import type { Edge, EdgeRequest, PointOfPresence, VirtualClock } from "@keyturn/edge";
import type { Agenda } from "./agenda.ts";
import type { Credential } from "./credential.ts";
import type { HttpClient } from "./httpClient.ts";

/** A valid request that was refused: the thing that must not happen. */
export interface Refusal {
  readonly ring: string;
  readonly kid: string;
  readonly pop: string;
  /** RFC 3339, true time. */
  readonly at: string;
  readonly status: number;
  /** What the edge found wrong with the token, or the rule that decided. */
  readonly problem: string;
}

/** What was sent, and how it went. */
export interface Tally {
  sent: number;
  /** Requests that must be accepted: a production credential, within its times. */
  valid: number;
  refusedValid: number;
  /** Requests that must be refused: past their end, or of a key that is gone. */
  invalid: number;
  acceptedInvalid: number;
  /** Requests in the P after a retirement, where either answer is right. */
  undecided: number;
  /** The first of `refusedValid`. */
  readonly refusals: Refusal[];
}

export function emptyTally(): Tally {
  return { sent: 0, valid: 0, refusedValid: 0, invalid: 0, acceptedInvalid: 0, undecided: 0, refusals: [] };
}

const REFUSALS_KEPT = 20;

/** How an answer is judged: whether the origin was reached, and if not, why. */
export interface Answered {
  readonly accepted: boolean;
  readonly status: number;
  readonly problem: string;
}

/** A way to the front door, its clocks, and the count of everything that went through it. */
export interface Front {
  readonly clock: VirtualClock;
  readonly agenda: Agenda;
  readonly pops: readonly PointOfPresence[];
  readonly tally: Tally;
  readonly deliver: (request: EdgeRequest, pop: string) => Promise<Answered>;
}

/** The front door in this process. */
export function frontOf(edge: Edge, agenda: Agenda, clock: VirtualClock): Front {
  return {
    clock,
    agenda,
    pops: edge.world.pops,
    tally: emptyTally(),
    deliver: async (request, pop) => {
      const { status, verdict } = await edge.handle(request, { pop });
      const found = verdict.tokens.find((trace) => !trace.valid);
      const problem = found?.problem ?? verdict.decidedBy?.ref ?? verdict.outcome;
      return { accepted: verdict.outcome === "origin", status, problem };
    },
  };
}

/** The same front door over HTTP, counted by itself. The example's origin answers 200, and no rule does. */
export function overHttp(front: Front, client: HttpClient): Front {
  return {
    ...front,
    tally: emptyTally(),
    deliver: async (request, pop) => {
      const { status } = await client.send(request, pop);
      return { accepted: status === 200, status, problem: `status ${status}` };
    },
  };
}

/** What a request is expected to be: by its credential's times alone, or whatever the times say. */
export type Expectation = "by time" | "refused" | "either";

/** Sends a credential's request to one place, now, and counts the answer. */
export async function send(
  front: Front,
  credential: Credential,
  pop: string,
  expected: Expectation = "by time",
): Promise<void> {
  const { clock, tally } = front;
  const place = clock.now() + offsetOf(front, pop);
  const inTime = credential.from <= place && place < credential.until;
  const at = new Date(clock.now()).toISOString();
  const { accepted, status, problem } = await front.deliver(credential.request, pop);
  tally.sent += 1;
  if (expected === "either") {
    tally.undecided += 1;
  } else if (expected === "by time" && inTime) {
    tally.valid += 1;
    if (accepted) return;
    tally.refusedValid += 1;
    if (tally.refusals.length >= REFUSALS_KEPT) return;
    tally.refusals.push({ ring: credential.ring, kid: credential.kid, pop, at, status, problem });
  } else {
    tally.invalid += 1;
    if (accepted) tally.acceptedInvalid += 1;
  }
}

/**
 * Uses a credential at every place: now, half-way, at the last millisecond at which it is good there, and at
 * the first at which it is not.
 */
export function useUntilItExpires(front: Front, credential: Credential): void {
  const now = front.clock.now();
  for (const { name } of front.pops) {
    const end = credential.until - offsetOf(front, name);
    for (const at of [now, Math.floor((now + end) / 2), end - 1, end]) {
      front.agenda.add(at, () => send(front, credential, name));
    }
  }
}

function offsetOf(front: Front, pop: string): number {
  return front.pops.find((place) => place.name === pop)?.clockOffset ?? 0;
}
