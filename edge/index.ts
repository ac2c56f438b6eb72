/** The local Cloudflare: a world with zones, its API, and a front door that enforces what the API was told. */

export type { ApiOptions } from "./api/api.ts";
export { CHOICES, type Choices } from "./choices.ts";
export { createEdge, DEFAULT_VISITOR, type Edge, type EdgeOptions } from "./createEdge.ts";
export type { Faults } from "./faults/faults.ts";
export type { ApiCall, Fault, FaultMatch, FaultSpec } from "./faults/types.ts";
export { NoAnswerError } from "./faults/types.ts";
export { type Listening, listen, SCHEME_HEADER } from "./http/listen.ts";
export type { ChallengeLevel } from "./pipeline/clearance.ts";
export type { EventFilter, EventLog, SecurityEvent, TokenTrace } from "./pipeline/events.ts";
export type { EdgeResponse } from "./pipeline/frontDoor.ts";
export type { Origin, OriginRequest, OriginResponse } from "./pipeline/origin.ts";
export type { EdgeRequest, HeaderPair, Visitor } from "./pipeline/request.ts";
export type { RuleHit, Verdict } from "./pipeline/verdict.ts";
export { type EdgeState, freshState } from "./state.ts";
export { VirtualClock } from "./world/clock.ts";
export { constantLag, longTailLag, uniformLag } from "./world/lag.ts";
export type * from "./world/types.ts";
export type { Commit, LocalWorld } from "./world/world.ts";
