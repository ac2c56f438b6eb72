import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { RingObservation } from "./decision.ts";
import type { Move } from "./ledger.ts";
import { ACCEPTED, at, numbered as short, situation, step } from "./testing/situation.ts";

describe("what was begun", () => {
  const begun = (move: Move, seen: Partial<RingObservation> = {}) =>
    short(decide(situation(step("verify k2"), 2000, { unfinished: { serial: 30, move }, ...seen })));
  const promote: Move = { kind: "promote", key: "k2" };

  test("is repeated", () => {
    expect(begun({ kind: "abort", key: "k2" })).toBe("30 abort k2");
  });

  test("a promotion is looked at anew, however old it is", () => {
    expect(begun(promote)).toBe("look canary k2");
    expect(begun(promote, { canary: ACCEPTED })).toBe("30 promote k2");
    expect(begun(promote, { canary: { ...ACCEPTED, key: "refused" } })).toBe("stop CANARY_REFUSED");
    expect(begun(promote, { drift: "missing k2", canary: ACCEPTED })).toBe("stop DRIFT");
    expect(begun(promote, { readBackAt: { k1: at(0), k2: at(1500) }, canary: ACCEPTED })).toBe("wait 2400");
  });

  test("by two runs with one serial: the move that takes away overtakes both", () => {
    const rivals = (move: Move, rival: Move) =>
      short(decide(situation(step("verify k2"), 2000, { unfinished: { serial: 30, move, rival } })));
    const abort: Move = { kind: "abort", key: "k2" };
    expect(rivals(promote, abort)).toBe("31 abort k2");
    expect(rivals(abort, promote)).toBe("31 abort k2");
    expect(rivals(promote, { kind: "verify", key: "k2" })).toBe("31 verify k2");
  });
});
