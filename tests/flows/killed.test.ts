import { expect, test } from "vitest";
import { native } from "../support/native.ts";

const { killWhilePublishing } = native<typeof import("../support/killed.ts")>("tests/support/killed.ts");

test("a process killed while it publishes a key leaves a lock, and another process finishes the step", async () => {
  const report = await killWhilePublishing("symmetric");
  expect(report).toMatchObject({
    signal: "SIGKILL",
    callsAfterDeath: 0,
    lockedBy: "in-process runner",
    writes: [],
    refused: [],
    end: ["k1 ACTIVE", "k2 PUBLISHED"],
  });
  const [lock, refused, , plain, again] = report.next as Record<string, unknown>[];
  expect(lock).toMatchObject({ who: "in-process runner" });
  expect(refused).toMatchObject({ ok: false, refused: { code: "STACK_LOCKED" } });
  expect(plain).toMatchObject({ ok: true });
  expect(again).toMatchObject({
    ok: true,
    rings: [
      { decision: { step: "advance", advance: { move: { kind: "publish", key: "k2" } } }, run: { ok: true } },
    ],
  });
}, 120_000);
