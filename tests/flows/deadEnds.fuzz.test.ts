import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings } from "../../edge/language/testing/runs.ts";
import type { Case } from "../support/deadEnds/play.ts";
import { native } from "../support/native.ts";

const { ACTIONS, FOREIGN, GAPS, play } = native<typeof import("../support/deadEnds/play.ts")>(
  "tests/support/deadEnds/play.ts",
);

const { numRuns: RUNS, seed: SEED } = fuzzSettings(0.001);

const cases: fc.Arbitrary<Case> = fc.record({
  ring: fc.constantFrom("shop" as const, "files" as const),
  origin: fc.nat(1000),
  order: fc.nat(2),
  left: fc.nat(1000),
  foreign: fc.oneof(fc.constant("nothing" as const), fc.constantFrom(...FOREIGN)),
  gap: fc.constantFrom(...GAPS),
  actions: fc.array(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 2 }),
});

/** What was found once: each was a dead end, a short cut or a revoked key that came back. */
const FOUND: readonly Case[] = [
  // One ring's promotion ends between its resource and the outputs; then another ring's key is revoked.
  {
    ring: "shop",
    origin: 995,
    order: 2,
    left: 3,
    foreign: "nothing",
    gap: 259_200_000,
    actions: ["revoke other"],
  },
  // A doubted key takes over from a revoked one.
  {
    ring: "files",
    origin: 994,
    order: 1,
    left: 2,
    foreign: "nothing",
    gap: 120_000,
    actions: ["revoke active", "rotate"],
  },
];

async function judge(chosen: Case): Promise<void> {
  const { case: text, problems } = await play(chosen);
  expect({ case: text, problems }).toEqual({ case: text, problems: [] });
}

test("whatever a cut-short move left, whatever is done and whoever writes: a command that the messages name leads back to rest", async () => {
  for (const chosen of FOUND) await judge(chosen);
  await fc.assert(fc.asyncProperty(cases, judge), { numRuns: RUNS, seed: SEED, endOnFailure: true });
  process.stderr.write(`cut-short moves: ${FOUND.length + RUNS} cases, seed ${SEED}\n`);
}, 3_600_000);
