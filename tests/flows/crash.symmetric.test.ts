import { expect, test } from "vitest";
import { native } from "../support/native.ts";

const { walkCrashes } = native<typeof import("../support/crashWalk.ts")>("tests/support/crashWalk.ts");
const { walkRevocation } = native<typeof import("../support/revokeWalk.ts")>("tests/support/revokeWalk.ts");

test("a rotation of a symmetric ring stopped at any call ends as if nothing had happened", async () => {
  const report = await walkCrashes("symmetric");
  expect(report.outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(report.moves).toEqual([
    "verify k1: 8",
    "promote k1: 13",
    "generate k2: 8",
    "publish k2: 10",
    "verify k2: 8",
    "promote k2: 11",
    "acknowledge k1: 8",
    "retire k1: 10",
    "confirm k1: 8",
  ]);
  process.stderr.write(
    `a symmetric ring: ${report.points} crash points, ${report.states} different states\n`,
  );
}, 240_000);

test("a revocation stopped at any call never brings the key back, and the same command finishes it", async () => {
  const report = await walkRevocation("symmetric");
  expect(report.outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(report.moves).toEqual(["revoke k1: 10"]);
  process.stderr.write(`its revocation: ${report.points} crash points, ${report.states} different states\n`);
}, 240_000);
