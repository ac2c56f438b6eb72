import { expect, test } from "vitest";
import { forget } from "./forget.ts";
import { revoke } from "./revoke.ts";
import { rotate } from "./rotate.ts";
import type { RotationWorld } from "./world.ts";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const LOCK = { who: "ci@runner", since: "2026-11-22T11:00:00.000Z" };

/** A world of which nothing may be used but the lock and the clocks. */
const worldWith = (lock: typeof LOCK | undefined, server: number | undefined) =>
  ({
    engine: { lock: async () => lock },
    now: () => NOW,
    serverTime: async () => server,
  }) as unknown as RotationWorld;

const pause = async () => undefined;
const COMMANDS = {
  rotate: (world: RotationWorld) => rotate(world, {}),
  forget: (world: RotationWorld) => forget(world, "shop"),
  revoke: (world: RotationWorld) => revoke(world, { ring: "shop", pause }),
};

test.each(Object.entries(COMMANDS))(
  "%s reads nothing while another run holds the lock",
  async (_name, run) => {
    const { ok, refused } = await run(worldWith(LOCK, NOW));
    expect([ok, refused]).toEqual([
      false,
      {
        code: "STACK_LOCKED",
        message:
          "ci@runner has held the stack's lock since 2026-11-22T11:00:00.000Z. If that run is dead, `keyturn rotate --cancel-lock` frees it",
      },
    ]);
  },
);

test.each(["rotate", "forget"] as const)("%s reads nothing by a clock that may be wrong", async (name) => {
  for (const server of [NOW + 31_000, NOW - 31_000, undefined]) {
    const { ok, refused } = await COMMANDS[name](worldWith(undefined, server));
    expect([ok, refused?.code]).toEqual([false, "CLOCK_SKEW"]);
  }
});

test("an emergency waits for no clock", async () => {
  await expect(COMMANDS.revoke(worldWith(undefined, NOW + 31_000))).rejects.toThrow(TypeError);
});
