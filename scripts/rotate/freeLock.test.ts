import { expect, test } from "vitest";
import { freeLock } from "./freeLock.ts";
import type { RotationWorld } from "./world.ts";

const T = Date.parse("2026-01-01T00:00:00.000Z");
const at = (seconds: number) => new Date(T + 1000 * seconds).toISOString();

async function free(now: number, lock: string | undefined, saved?: string) {
  let freed = false;
  const world = {
    now: () => T + 1000 * now,
    engine: {
      lock: async () => (lock === undefined ? undefined : { who: "ann@ci (pid 7)", since: lock }),
      lastSaved: async () => saved,
      cancel: async () => {
        freed = true;
      },
    },
  } as unknown as RotationWorld;
  return [await freeLock(world), freed];
}

test.each([
  ["no lock", 0, undefined, undefined, "no lock on the stack is seen", false],
  [
    "a young one",
    119,
    at(0),
    undefined,
    "the lock of ann@ci (pid 7) is 119 s old, gave a sign of life 119 s ago, and stays: a run that was killed may still write until 120 s",
    false,
  ],
  ["an old one", 120, at(0), at(-50), "freed the lock of ann@ci (pid 7), 120 s old", true],
  [
    "an old one of a run that wrote its state a moment ago",
    300,
    at(0),
    at(200),
    "the lock of ann@ci (pid 7) is 300 s old, gave a sign of life 100 s ago, and stays: a run that was killed may still write until 120 s",
    false,
  ],
  ["and once it is quiet", 320, at(0), at(200), "freed the lock of ann@ci (pid 7), 320 s old", true],
  [
    "one that does not say when it was taken",
    1000,
    "an unknown time",
    undefined,
    "the lock of ann@ci (pid 7) does not say how old it is, and stays: `pulumi cancel` frees it once that run is dead for 120 s",
    false,
  ],
] as const)("%s", async (_label, now, lock, saved, said, freed) => {
  expect(await free(now, lock, saved)).toEqual([said, freed]);
});
