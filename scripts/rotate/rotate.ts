import { apiFailure } from "../../infra/providers/cloudflareApi.ts";
import type { Ring } from "../../model/definition/types.ts";
import type { Advance } from "../../model/ring/advance.ts";
import type { Decision, RingObservation, Situation } from "../../model/ring/decision.ts";
import { ringDefinition } from "../../model/ring/ringDefinition.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { requireMatch, ringLedgerOf } from "../../model/update/plan.ts";
import { lockedMessage, type RunResult } from "../engine/engine.ts";
import { choose } from "./choose.ts";
import { clockProblem } from "./clock.ts";
import { type RuleInFront, rulesInFront } from "./inFront.ts";
import { lookCloser, observe } from "./observe.ts";
import { isNamed, type Reading, readStack } from "./reading.ts";
import { moveTargets } from "./targets.ts";
import type { RotationWorld } from "./world.ts";

export interface RotateOptions {
  /** Rings to look at; all of them by default. */
  readonly rings?: readonly string[];
  /** Begin a rotation now, due or not. */
  readonly force?: boolean;
  /** Write the ledger's key set over a foreign change. */
  readonly restore?: boolean;
  /** Give up the pending key. */
  readonly abort?: boolean;
  /** Record that issuers sign with the active key, in the place of samples. */
  readonly attest?: { readonly reason: string; readonly by: string };
  /** Decide and say, change nothing. */
  readonly dryRun?: boolean;
}

/** What became of one ring in this run. */
export interface RingOutcome {
  readonly ring: string;
  readonly decision: Decision;
  /** The `up` that carried the advance; absent where nothing was to do. */
  readonly run?: RunResult;
}

export interface RotateResult {
  readonly ok: boolean;
  readonly rings: readonly RingOutcome[];
  /** What of others acts before our rules. */
  readonly inFront?: readonly RuleInFront[];
  /** Why nothing was done at all. */
  readonly refused?: { readonly code: string; readonly message: string };
}

/** More looks than a decision can ask for. */
const LOOKS = 4;

/**
 * One tick: for each ring observe, decide, and make at most one move. Safe at any time, from cron, by any number of
 * runners: a decision names the ledger it was made on, and an `up` on another ledger refuses it.
 */
export async function rotate(world: RotationWorld, options: RotateOptions = {}): Promise<RotateResult> {
  try {
    return await tick(world, options);
  } catch (error) {
    const failed = apiRefusal(error);
    if (failed === undefined) throw error;
    return refuse(failed.code, failed.message);
  }
}

/** A read of the API that failed, as a refusal; undefined for anything else. */
function apiRefusal(error: unknown): { code: string; message: string } | undefined {
  const { name, status, message } = error as { name?: string; status?: number; message?: string };
  if (status === undefined && !/^APIConnection/.test((error as Error).constructor.name)) return undefined;
  const { code, remedy } = apiFailure(status);
  const said = status === undefined ? message : `${status} ${name}`;
  return { code, message: `Cloudflare's API could not be read (${said}). Nothing was changed. ${remedy}` };
}

async function tick(world: RotationWorld, options: RotateOptions): Promise<RotateResult> {
  const lock = await world.engine.lock();
  if (lock) {
    return refuse("STACK_LOCKED", lockedMessage(lock));
  }
  const clock = await clockProblem(world);
  if (clock !== undefined) return refuse("CLOCK_SKEW", clock);
  const first = await readStack(world);
  requireMatch(first.plan);
  const { rings } = first.plan.definitions;
  const chosen = rings.filter((ring) => options.rings?.some((id) => isNamed(ring, id)) ?? true);
  const missing = (options.rings ?? []).filter((id) => !chosen.some((ring) => isNamed(ring, id)));
  if (missing.length > 0)
    return refuse("RING_UNKNOWN", `the deployed definitions have no ring ${missing.join(", ")}`);
  const inFront = await rulesInFront(world, first.plan);
  const outcomes: RingOutcome[] = [];
  for (const ring of chosen) {
    outcomes.push(await turn(world, ring, options));
  }
  const overtaken = inFront.some(({ code }) => code === "RULES_OVERTAKEN");
  const ok = outcomes.every((outcome) => outcome.decision.step !== "stop" && outcome.run?.ok !== false);
  return { ok: ok && !overtaken, rings: outcomes, ...(inFront.length > 0 ? { inFront } : {}) };
}

async function turn(world: RotationWorld, ring: Ring, options: RotateOptions): Promise<RingOutcome> {
  const reading = await readStack(world);
  const resources = await world.engine.resources();
  let seen = await observe(world, reading, ring, resources);
  let decision = choose(situationOf(world, reading, ring, seen, options), options);
  for (let looks = 0; decision.step === "look" && looks < LOOKS; looks += 1) {
    seen = await lookCloser(world, reading, ring, seen, decision);
    decision = choose(situationOf(world, reading, ring, seen, options), options);
  }
  if (decision.step !== "advance" || options.dryRun) return { ring: ring.id, decision };
  const targets = moveTargets(ring, decision.advance.move.kind, reading.plan.desired);
  return { ring: ring.id, decision, run: await world.engine.up({ advance: decision.advance, targets }) };
}

function situationOf(
  world: RotationWorld,
  reading: Reading,
  ring: Ring,
  seen: RingObservation,
  options: RotateOptions,
): Situation {
  return {
    ledger: reading.plan.ledger,
    ring: ringLedgerOf(reading.plan.ledger, ring),
    wanted: { algorithm: ringDefinition(ring, reading.plan.settings.environment.zones).algorithm },
    waits: rotationPolicy(ring),
    seen,
    now: world.now(),
    ...(options.force ? { force: true } : {}),
  };
}

function refuse(code: string, message: string): RotateResult {
  return { ok: false, rings: [], refused: { code, message } };
}

export type { Advance };
