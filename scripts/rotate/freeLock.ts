import { MAY_WRITE_SECONDS } from "../../infra/providers/deadlines.ts";
import type { RotationWorld } from "./world.ts";

/** Clocks and state files of three machines speak here: a run is dead for longer than its provider may write. */
const MARGIN_SECONDS = 55;
const SAFE_AFTER_SECONDS = MAY_WRITE_SECONDS + MARGIN_SECONDS;

/**
 * Frees the stack's lock if the run that took it gave no sign of life for long enough: the lock says when it began,
 * and the state when it last began or ended an operation.
 *
 * @returns what was done, for a person
 */
export async function freeLock(world: RotationWorld): Promise<string> {
  const lock = await world.engine.lock();
  if (lock === undefined) return "no lock on the stack is seen";
  const since = Date.parse(lock.since);
  const saved = Date.parse((await world.engine.lastSaved?.()) ?? lock.since);
  const seconds = (from: number) => Math.floor((world.now() - from) / 1000);
  const quiet = seconds(Math.max(saved, since));
  if (Number.isNaN(quiet))
    return `the lock of ${lock.who} does not say how old it is, and stays: \`pulumi cancel\` frees it once that run is dead for ${SAFE_AFTER_SECONDS} s`;
  if (quiet < SAFE_AFTER_SECONDS) {
    return `the lock of ${lock.who} is ${seconds(since)} s old, gave a sign of life ${quiet} s ago, and stays: a run that was killed may still write until ${SAFE_AFTER_SECONDS} s`;
  }
  await world.engine.cancel();
  return `freed the lock of ${lock.who}, ${seconds(since)} s old`;
}
