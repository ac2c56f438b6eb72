import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer, Decision, RingObservation } from "./decision.ts";
import type { RingLedger } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import { decideRevocation } from "./revocation.ts";
import { ACCEPTED, edit, numbered as short, situation, step } from "./testing/situation.ts";
import { ledgerOf, RING } from "./testing/walk.ts";
import { decideAbort, decideRestore } from "./wishes.ts";

/** The ring after the moves that `next` decides, until it decides none. */
function follow(ring: RingLedger, next: (ring: RingLedger) => Decision): string[] {
  const done: string[] = [];
  let current = ring;
  for (;;) {
    const decision = next(current);
    if (decision.step !== "advance") return [...done, short(decision)];
    done.push(short(decision).replace(/^\d+ /, ""));
    const ledger = { ...ledgerOf("ACTIVE"), rings: { [RING.id]: current } };
    const answer = nextLedger(ledger, [RING], decision.advance, new Set(["ES256"]));
    if (!answer.ok) return [...done, answer.code];
    const moved = answer.ledger.rings[RING.id] as RingLedger;
    current = { ...moved, keys: moved.keys.map((key) => ({ ...key, kid: key.kid ?? `kid-${key.name}` })) };
  }
}

const CONDEMNED = [{ serial: 9, move: { kind: "condemn", key: "k1" } as const }];

describe("a revocation", () => {
  const revoke =
    (key: string, seen: Partial<RingObservation> = { canary: ACCEPTED }) =>
    (ring: RingLedger) =>
      decideRevocation(situation(ring, 2000, seen), key);

  test.each([
    [
      "of the active key: intent, substitute, and both switch in one move",
      step("promote k1"),
      "k1",
      ["condemn k1", "substitute k2 over", "publish k2 over", "revoke k1 to k2 over", "stop KEY_ENDED"],
    ],
    [
      "takes the pending key that is there",
      step("publish k2"),
      "k1",
      ["condemn k1", "revoke k1 to k2 over", "stop KEY_ENDED"],
    ],
    [
      "publishes one that only exists",
      step("generate k2"),
      "k1",
      ["condemn k1", "publish k2 over", "revoke k1 to k2 over", "stop KEY_ENDED"],
    ],
    [
      "of a pending key needs no other",
      step("verify k2"),
      "k2",
      ["condemn k2", "revoke k2 over", "stop KEY_ENDED"],
    ],
    [
      "of a retiring key neither",
      step("promote k2"),
      "k1",
      ["condemn k1", "revoke k1 over", "stop KEY_ENDED"],
    ],
    [
      "of the only key, which never signed, makes another one first",
      step("create k1"),
      "k1",
      ["condemn k1", "substitute k2 over", "publish k2 over", "revoke k1 over", "stop KEY_ENDED"],
    ],
    ["of a key that has ended", step("retire k1"), "k1", ["stop KEY_ENDED"]],
    ["of a key that never was", step("promote k1"), "k9", ["stop KEY_UNKNOWN"]],
  ] as const)("%s", (_label, ring, key, expected) => {
    expect(follow(ring, revoke(key))).toEqual(expected);
  });

  test("looks at a substitute as long as patience lasts, and then goes on without proof", () => {
    const ring = edit(step("publish k2"), "k1", { condemned: true, history: CONDEMNED });
    const ask = (canary: CanaryAnswer | undefined, patience: number) =>
      short(
        decideRevocation(
          { ...situation(ring, 2000, canary === undefined ? {} : { canary }), patience },
          "k1",
        ),
      ).replace(/^\d+ /, "");
    expect(ask(undefined, 0)).toBe("look canary k2");
    expect(ask({ ...ACCEPTED, key: "refused" }, 1)).toBe("wait 2010");
    expect(ask({ ...ACCEPTED, unknown: "accepted" }, 1)).toBe("wait 2010");
    expect(ask({ ...ACCEPTED, key: "refused" }, 0)).toBe("revoke k1 to k2 over");
    expect(ask(ACCEPTED, 9)).toBe("revoke k1 to k2 over");
  });

  test("keeps its reason with the intent and the removal, and with nothing that it finishes on the way", () => {
    const reason = "leaked";
    const moves = (ring: RingLedger, seen: Partial<RingObservation>) => {
      const decision = decideRevocation(situation(ring, 2000, seen), "k1", reason);
      return decision.step === "advance" && [decision.advance.move.kind, decision.advance.move.reason];
    };
    expect(moves(step("publish k2"), {})).toEqual(["condemn", reason]);
    const unfinished = { serial: 30, move: { kind: "abort", key: "k2" } as const };
    expect(moves(step("publish k2"), { unfinished })).toEqual(["abort", undefined]);
  });

  test.each([
    ["another key's removal first", { kind: "revoke", key: "k2" }, "30 revoke k2 over"],
    ["its own half-done removal", { kind: "revoke", key: "k1", substitute: "k2" }, "30 revoke k1 to k2 over"],
    ["an abort", { kind: "abort", key: "k2" }, "30 abort k2 over"],
    ["a publication is overtaken", { kind: "publish", key: "k2" }, "31 condemn k1"],
    ["a promotion in its own place too", { kind: "promote", key: "k2" }, "31 condemn k1"],
  ] as const)("finishes what must not be overtaken: %s", (_label, move, expected) => {
    expect(short(revoke("k1", { unfinished: { serial: 30, move } })(step("verify k2")))).toBe(expected);
  });

  test("of the key that is half-way promoted finishes that: the issuer may sign with it", () => {
    const unfinished = { serial: 30, move: { kind: "promote", key: "k2" } as const };
    expect(short(revoke("k2", { unfinished })(step("verify k2")))).toBe("30 promote k2 over");
  });

  test("that was begun is gone on with by every command, the key that was condemned first before others", () => {
    const first = edit(step("verify k2"), "k1", { condemned: true, history: CONDEMNED });
    const both = edit(first, "k2", {
      condemned: true,
      history: [{ serial: 12, move: { kind: "condemn", key: "k2" } }],
    });
    const seen = { canary: ACCEPTED, drift: "missing k1" };
    for (const decision of [
      decide(situation(both, 2000, seen)),
      decideAbort(situation(both, 2000, seen)),
      decideRestore(situation(both, 2000, seen), true),
      decideRevocation(situation(both, 2000, seen), "k2"),
    ])
      expect(short(decision)).toMatch(/^\d+ revoke k1 to k2 over$/);
  });
});
