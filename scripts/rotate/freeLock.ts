import type { RotationWorld } from "./world.ts";

/**
 * No call of a run begins later than this after it started its last operation (`DEADLINE_SECONDS` and a call's
 * time-out in the providers), so an older lock cannot belong to a run that still writes.
 */
const SAFE_AFTER_SECONDS = 120;

/** Frees the stack's lock if it is old enough; answers what was done. */
export async function freeLock(world: RotationWorld): Promise<string> {
  const lock = await world.engine.lock();
  if (lock === undefined) return "the stack is not locked";
  const age = Math.floor((world.now() - Date.parse(lock.since)) / 1000);
  if (!(age >= SAFE_AFTER_SECONDS)) {
    return `the lock of ${lock.who} is ${age} s old and stays: a run that was killed may still write until ${SAFE_AFTER_SECONDS} s`;
  }
  await world.engine.cancel();
  return `freed the lock of ${lock.who}, ${age} s old`;
}
