import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { RingObservation } from "./decision.ts";
import type { Move, RingLedger } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import { at, edit, numbered as short, situation, step } from "./testing/situation.ts";
import { ledgerOf, RING } from "./testing/walk.ts";
import { decideAbort, decideAttestation, decideRestore } from "./wishes.ts";

describe("abort", () => {
  const abort = (ring: RingLedger, seen: Partial<RingObservation> = {}) =>
    short(decideAbort(situation(ring, 2000, seen)));

  test.each([
    ["gives the pending key up", step("verify k2"), {}, "7 abort k2"],
    ["has nothing to give up", step("promote k1"), {}, "wait 2000"],
    ["keeps the only key", step("create k1"), {}, "stop NO_KEY_LEFT"],
    ["overtakes a publication", step("generate k2"), { kind: "publish", key: "k2" }, "31 abort k2"],
    ["finishes a removal", step("verify k2"), { kind: "retire", key: "k1" }, "30 retire k1"],
    [
      "looks at a promotion before it finishes it",
      step("verify k2"),
      { kind: "promote", key: "k2" },
      "look canary k2",
    ],
  ] as const)("%s", (_label, ring, move, expected) => {
    const seen = "kind" in move ? { unfinished: { serial: 30, move: move as Move } } : {};
    expect(abort(ring, seen)).toBe(expected);
  });
});

describe("restore", () => {
  const restore = (ring: RingLedger, seen: Partial<RingObservation> = {}, named = true) =>
    short(decideRestore(situation(ring, 2000, seen), named));
  const drift = { drift: "missing k2" };

  test.each([
    ["writes the keys of a named ring whatever is seen", step("promote k1"), {}, true, "restore k1"],
    ["of others only where something is seen", step("promote k1"), {}, false, "wait 86400"],
    ["and there", step("promote k1"), drift, false, "restore k1"],
    ["records first that a pending key is to be proved anew", step("verify k2"), drift, true, "doubt k2"],
    ["and then writes", edit(step("publish k2"), "k2", { doubted: true }), drift, true, "restore k1"],
  ] as const)("%s", (_label, ring, seen, named, expected) => {
    expect(restore(ring, seen, named).replace(/^\d+ /, "")).toBe(expected);
  });

  test.each([
    ["a removal is finished over what is there", { kind: "retire", key: "k1" }, "30 retire k1 over"],
    [
      "a promotion's keys are written and no more",
      { kind: "promote", key: "k2" },
      "30 promote k2 over repair",
    ],
    ["a publication is overtaken", { kind: "publish", key: "k2" }, "31 doubt k2"],
  ] as const)("of what was begun: %s", (_label, move, expected) => {
    expect(restore(step("verify k2"), { ...drift, unfinished: { serial: 30, move } })).toBe(expected);
  });

  test("ends the evidence: the key waits W from the new read-back and is proved anew", () => {
    const doubted = edit(step("publish k2"), "k2", { doubted: true });
    const decision = decideRestore(situation(doubted, 2000, drift), true);
    if (decision.step !== "advance") throw new Error(short(decision));
    const ledger = { ...ledgerOf("ACTIVE"), rings: { [RING.id]: doubted } };
    const answer = nextLedger(ledger, [RING], decision.advance, new Set(["ES256"]));
    const restored = (answer.ok && answer.ledger.rings[RING.id]) as RingLedger;
    expect(restored.keys[1]).not.toHaveProperty("doubted");
    const readBackAt = { k1: at(0), k2: at(2000) };
    expect(short(decide(situation(restored, 2899, { readBackAt })))).toBe("wait 2900");
    expect(short(decide(situation(restored, 2900, { readBackAt })))).toBe("look canary k2");
  });
});

describe("a begun promotion under restore", () => {
  const promote: Move = { kind: "promote", key: "k2" };
  const ring = step("verify k2");
  const restored = (seconds: number, seen: Partial<RingObservation>, rival?: Move) => {
    const unfinished = { serial: 30, move: promote, ...(rival === undefined ? {} : { rival }) };
    return decideRestore(situation(ring, seconds, { unfinished, ...seen }), true);
  };

  test("is written as long as something is seen, whether its lead is over or not", () => {
    const drift = { drift: "missing k2" };
    expect(short(restored(100, drift))).toBe("30 promote k2 over repair");
    expect(short(restored(900, drift))).toBe("30 promote k2 over repair");
  });

  test("is waited for once its keys are there, and written over what cannot be seen after its lead", () => {
    expect(short(restored(899, {}))).toBe("wait 900");
    expect(short(restored(900, {}))).toBe("30 promote k2 over repair");
  });

  test("beside another move is overtaken: no issuer can have got the key", () => {
    const abort: Move = { kind: "abort", key: "k2" };
    expect(short(restored(100, { drift: "missing k2" }, abort))).toBe("31 doubt k2");
    const unfinished = { serial: 30, move: abort, rival: promote };
    expect(short(decideRestore(situation(ring, 100, { unfinished }), true))).toBe("31 doubt k2");
  });
});

test("restore says what it does", () => {
  const reason = (move: Move) => {
    const unfinished = { serial: 30, move };
    const decision = decideRestore(situation("verify k2", 900, { unfinished, drift: "missing k2" }), true);
    return decision.reason;
  };
  expect(reason({ kind: "promote", key: "k2" })).toBe("the keys of the begun promotion of k2 are written");
  expect(reason({ kind: "retire", key: "k1" })).toBe(
    "retire of k1 was begun: it is finished over what is there",
  );
  expect(decideRestore(situation("promote k1", 900), true).reason).toBe(
    "asked for: the ledger's keys are written over what is there",
  );
});

test("abort says what it gives up, and why not", () => {
  expect(decideAbort(situation("promote k1", 5))).toEqual({
    step: "wait",
    until: at(5),
    reason: "there is no pending key to give up",
  });
  expect(decideAbort(situation("create k1", 5))).toEqual({
    step: "stop",
    code: "NO_KEY_LEFT",
    reason:
      "k1 is the only published key of ring shop: `keyturn revoke shop --key k1 --yes` makes another one first",
  });
});

describe("an attestation comes after", () => {
  const words = { reason: "the issuer's log", by: "A. Writer" };
  const attest = (ring: RingLedger, seen: Partial<RingObservation> = {}) =>
    short(decideAttestation(situation(ring, 2000, seen), words));

  test("a revocation that was begun, and what else was begun", () => {
    const ring = step("acknowledge k1");
    expect(attest(ring)).toBe(`${ring.serial + 1} attest k1`);
    const history = [{ serial: 9, move: { kind: "condemn", key: "k1" } as const }];
    expect(attest(edit(ring, "k1", { condemned: true, history }))).toMatch(/^\d+ revoke k1 over$/);
    expect(attest(ring, { unfinished: { serial: 30, move: { kind: "retire", key: "k1" } } })).toBe(
      "30 retire k1",
    );
  });
});
