import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { RingLedger } from "./ledger.ts";
import { at, short, situation, step, WAITS } from "./testing/situation.ts";
import { RING } from "./testing/walk.ts";

describe("a new place of an active ring's tokens", () => {
  const known = "zone header authorization";
  const idle = { ...step("confirm k1"), places: [known] };
  const seenAt = (seconds: number, written: number, ring: RingLedger = idle) => ({
    ...situation(ring, seconds, { writtenAt: at(written) }),
    wanted: { algorithm: "ES256", places: [known, "zone cookie session"], accepts: RING.accepts },
  });
  const bound = WAITS.propagationSeconds + 60;

  test("is waited for until P after the write, and then recorded", () => {
    expect(short(decide(seenAt(99, 100)))).toBe(`wait ${100 + bound}`);
    expect(short(decide(seenAt(100 + bound, 100)))).toBe("settle k2");
    expect(decide(seenAt(99, 100))).toMatchObject({
      reason: "points of presence learn of zone cookie session until then",
    });
  });

  test("is no matter before a key is ACTIVE, or once it is known", () => {
    expect(short(decide(seenAt(100 + bound, 100, step("create k1"))))).not.toContain("settle");
    const all = { ...idle, places: [known, "zone cookie session"] };
    expect(short(decide(seenAt(100 + bound, 100, all)))).not.toContain("settle");
  });
});

test("nothing is settled before a configuration was read back, and every place counts where none is recorded", () => {
  const wanted = { algorithm: "ES256", places: ["zone header authorization"], accepts: RING.accepts };
  const { places: _none, ...ring } = step("confirm k1");
  const seen = (writtenAt: string | undefined) =>
    short(decide({ ...situation(ring, 5000, writtenAt === undefined ? {} : { writtenAt }), wanted }));
  expect(seen(undefined)).toBe("wait 86400");
  expect(seen(at(0))).toBe("settle k2");
});

test("a place is waited for before the next rotation, and settled at its instant, with it as evidence", () => {
  const ring = { ...step("confirm k1"), places: [] };
  const wanted = { algorithm: "ES256", places: ["zone header authorization"], accepts: RING.accepts };
  const decided = (seconds: number) =>
    decide({ ...situation(ring, seconds, { writtenAt: at(90_000) }), wanted });
  expect(short(decided(90_659))).toBe("wait 90660");
  expect(decided(90_660)).toMatchObject({
    advance: { move: { kind: "settle", key: "k2", evidence: { observedAt: at(90_660) } } },
    reason: "every point of presence knows zone header authorization: rules may refuse there",
  });
});
