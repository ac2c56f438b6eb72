import { apiFailure } from "../../infra/providers/cloudflareApi.ts";
import type { Ring } from "../../model/definition/types.ts";
import { decide } from "../../model/ring/decide.ts";
import type { Decision, Situation } from "../../model/ring/decision.ts";
import { MOVES } from "../../model/ring/states.ts";
import { decideAbort, decideAttestation, decideEnd, decideRestore } from "../../model/ring/wishes.ts";
import { requireMatch } from "../../model/update/plan.ts";
import { lockedMessage, type RunResult } from "../engine/engine.ts";
import { carryOut, settled } from "./carryOut.ts";
import { clockProblem } from "./clock.ts";
import { type RuleInFront, rulesInFront } from "./inFront.ts";
import { observe } from "./observe.ts";
import { isNamed, readStack } from "./reading.ts";
import { openTurn, situationOf } from "./turn.ts";
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
  /** Stop accepting what issuers or audiences the deployed definitions no longer have. */
  readonly end?: boolean;
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

/** Moves that touch nothing but the ledger, before the one that they record. */
const INTENTS = 3;

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
  let refused: RotateResult["refused"];
  for (const ring of chosen) {
    try {
      outcomes.push(await turn(world, ring, options));
    } catch (error) {
      // What one ring lacks does not hold another one up.
      const failed = apiRefusal(error);
      if (failed === undefined) throw error;
      refused ??= failed;
    }
  }
  const overtaken = inFront.some(({ code }) => code === "RULES_OVERTAKEN");
  const ok = outcomes.every((outcome) => outcome.decision.step !== "stop" && outcome.run?.ok !== false);
  return {
    ok: ok && !overtaken && refused === undefined,
    rings: outcomes,
    ...(inFront.length > 0 ? { inFront } : {}),
    ...(refused === undefined ? {} : { refused }),
  };
}

/** At most one move, and before it the intents that must be on record. */
async function turn(world: RotationWorld, ring: Ring, options: RotateOptions): Promise<RingOutcome> {
  for (let intents = 0; ; intents += 1) {
    const turn = await openTurn(world, ring);
    const more = options.force ? { force: true } : {};
    const { decision } = await settled(turn, await observe(turn), (seen) =>
      choose(situationOf(turn, seen, more), options),
    );
    if (decision.step !== "advance" || options.dryRun) return { ring: ring.id, decision };
    const run = await carryOut(turn, decision, false);
    if (!MOVES[decision.advance.move.kind].ledgerOnly || !run.ok || intents >= INTENTS)
      return { ring: ring.id, decision, run };
  }
}

/** What the operator asked for, or what is due. */
function choose(situation: Situation, { abort, attest, end, restore, rings }: RotateOptions): Decision {
  if (restore) return decideRestore(situation, rings !== undefined);
  if (attest) return decideAttestation(situation, attest);
  if (end) return decideEnd(situation);
  return abort ? decideAbort(situation) : decide(situation);
}

function refuse(code: string, message: string): RotateResult {
  return { ok: false, rings: [], refused: { code, message } };
}
