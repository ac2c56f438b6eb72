import fc from "fast-check";
import { expect, test } from "vitest";
import { clockOffset, clockProblem } from "./clock.ts";

const T = Date.parse("2026-01-01T00:00:00.000Z");

/** What is said where our clock is `ahead` ms ahead, the stamp is made after `until` ms, and the answer takes `took`. */
function asked(ahead: number, { at = T, until = 0, took = 0 } = {}) {
  let now = at;
  return clockProblem({
    now: () => now + ahead,
    serverTime: async () => {
      const stamped = Math.floor((now + until) / 1000) * 1000;
      now += took;
      return stamped;
    },
  });
}

test.each([
  ["right", 0, {}, undefined],
  ["just as far ahead as allowed", 30_000, {}, undefined],
  ["a little further ahead", 30_001, {}, "31 s ahead of"],
  // The second that the header names may be over to its last millisecond.
  ["as far behind as is certainly allowed", -29_000, {}, undefined],
  ["perhaps further behind than allowed", -29_001, {}, "31 s behind"],
  ["ahead within the bound, and the answer was slow", 20_000, { took: 11_000 }, "31 s ahead of"],
  ["as far ahead as allowed with the header's part of a second", 29_999, { at: T + 999 }, "31 s ahead of"],
] as const)("a clock that is %s", async (_label, ahead, how, expected) => {
  const said = await asked(ahead, how);
  expect(/may be (.*) Cloudflare's/.exec(said ?? "")?.[1]).toBe(expected);
});

test("a refusal names the bound, how long the answer took, and what to do", async () => {
  expect(await asked(45_000, { took: 2000 })).toBe(
    "this machine's clock may be 47 s ahead of Cloudflare's (whose answer took 2 s), the waits allow 30 s: set the clock (NTP), or look why answers are slow, and run it again",
  );
});

test("an answer without a Date header is no check", async () => {
  const said = await clockProblem({ now: () => T, serverTime: async () => undefined });
  expect(said).toMatch(/^Cloudflare's answer has no Date header/);
});

test("no clock passes that is further off than the bound, whenever the stamp was made", async () => {
  const draw = fc.record({
    ahead: fc.integer({ min: -40_000, max: 40_000 }),
    at: fc.integer({ min: 0, max: 999 }),
    took: fc.integer({ min: 0, max: 5000 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(draw, async ({ ahead, at, took, part }) => {
      const until = Math.floor(took * part);
      const { most, least } = clockOffset(
        T + at + ahead,
        T + at + took + ahead,
        Math.floor((T + at + until) / 1000) * 1000,
      );
      expect([least <= ahead, ahead <= most]).toEqual([true, true]);
      if ((await asked(ahead, { at: T + at, until, took })) === undefined)
        expect(Math.abs(ahead)).toBeLessThanOrEqual(30_000);
    }),
  );
});
