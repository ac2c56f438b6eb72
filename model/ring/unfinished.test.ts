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

describe("of two moves with one serial", () => {
  const rivals = (open: Move, rival: Move) =>
    short(decide(situation(step("verify k2"), 2000, { unfinished: { serial: 30, move: open, rival } })));
  const kinds = ["revoke", "abort", "retire", "confirm", "verify", "promote"] as const;

  test.each(kinds.slice(1).map((kind, index) => [kinds[index] ?? kind, kind] as const))(
    "%s comes before %s, whichever is further",
    (first, second) => {
      const [a, b] = [{ kind: first, key: "k1" } as const, { kind: second, key: "k2" } as const];
      expect([rivals(a, b), rivals(b, a)]).toEqual([`31 ${first} k1`, `31 ${first} k1`]);
    },
  );

  test("and of two that change no key the one that is further", () => {
    const [verify, announce] = [
      { kind: "verify", key: "k2" },
      { kind: "announce", key: "k2" },
    ] as const;
    expect([rivals(verify, announce), rivals(announce, verify)]).toEqual(["31 verify k2", "31 announce k2"]);
  });
});

test("a promotion whose key is refused is not to be given up: the issuer may sign with it", () => {
  const unfinished = { serial: 30, move: { kind: "promote", key: "k2" } as const };
  const canary = { ...ACCEPTED, key: "refused" } as const;
  const decision = decide(situation(step("verify k2"), 2000, { unfinished, canary }));
  expect(decision).toEqual({
    step: "stop",
    code: "CANARY_REFUSED",
    reason:
      "k2 of ring shop is refused at AMS, SIN although W has passed: its secret may be another than the ledger's. `keyturn rotate shop --restore` writes the ledger's; `keyturn revoke shop --key k2 --yes` puts another one in its place",
  });
});
