import type { Ring } from "../../model/definition/types.ts";
import type { MoveKind } from "../../model/ring/states.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import { rotate } from "../../scripts/rotate/rotate.ts";
import type { Stage } from "./stage.ts";

/** One move of one ring, as it happened. */
export interface Step {
  readonly ring: string;
  readonly move: MoveKind;
  readonly key: string;
  /** RFC 3339, virtual time: before the update and after it. */
  readonly began: string;
  readonly ended: string;
  readonly reason: string;
}

export interface RotationOptions {
  /** Begin a rotation, due or not. */
  readonly force?: boolean;
  readonly rings?: readonly Ring[];
  /** Called after each move, in virtual time that stands still. */
  readonly onStep?: (step: Step, ring: Ring) => void | Promise<void>;
}

/** From one run of `rotate` to the next while there is something to do, in milliseconds. */
const TICK = 60_000;

/** More runs of `rotate` than any rotation takes. */
const MOST_RUNS = 500;

/**
 * Runs `rotate` as a cron job would, for each ring whenever its last answer said, until every ring has nothing to do
 * but to wait for its next rotation. Time in between passes on the agenda.
 *
 * @throws CommandError TRY_STOPPED with the reason, when a ring cannot move
 */
export async function rotateAll(stage: Stage, options: RotationOptions = {}): Promise<Step[]> {
  const { agenda, clock, world } = stage;
  const rings = options.rings ?? (options.force ? stage.rotated : stage.used);
  const due = new Map(rings.map((ring) => [ring, clock.now()]));
  const forced = new Set(options.force ? rings : []);
  const steps: Step[] = [];
  for (let runs = 0; due.size > 0 && runs < MOST_RUNS; runs += 1) {
    const [ring, at] = [...due].reduce((first, each) => (each[1] < first[1] ? each : first));
    await agenda.until(at);
    const began = new Date(clock.now()).toISOString();
    const result = await rotate(world, { rings: [ring.id], ...(forced.has(ring) ? { force: true } : {}) });
    const outcome = result.rings[0];
    if (result.refused) throw stopped(`${result.refused.code}: ${result.refused.message}`);
    if (outcome === undefined) throw stopped(`rotate says nothing about ring ${ring.id}`);
    const { decision, run } = outcome;
    if (decision.step === "wait") {
      if (await isSettled(stage, ring)) due.delete(ring);
      else due.set(ring, Math.max(Date.parse(decision.until), clock.now() + 1));
      continue;
    }
    if (decision.step !== "advance" || run?.ok !== true) {
      const why =
        decision.step === "stop" ? `${decision.code}: ${decision.reason}` : run?.diagnostics.join("; ");
      throw stopped(`ring ${ring.id}: ${why}`);
    }
    const { move } = decision.advance;
    // A rotation is asked for once; the first move begins it.
    forced.delete(ring);
    await stage.readKeys();
    const step: Step = {
      ring: ring.id,
      move: move.kind,
      key: move.key,
      began,
      ended: new Date(clock.now()).toISOString(),
      reason: decision.reason,
    };
    steps.push(step);
    await options.onStep?.(step, ring);
    due.set(ring, clock.now() + TICK);
  }
  return steps;
}

function stopped(why: string): CommandError {
  return new CommandError("TRY_STOPPED", why);
}

/** An active key, nothing on its way in, and nothing on its way out. */
async function isSettled(stage: Stage, ring: Ring): Promise<boolean> {
  const { keys } = await stage.ledgerOf(ring);
  return (
    keys.some((key) => key.state === "ACTIVE") &&
    keys.every((key) => key.state === "ACTIVE" || key.state === "ABORTED" || key.confirmedAt !== undefined)
  );
}
