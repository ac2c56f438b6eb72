import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer, Decision, RingObservation } from "./decision.ts";
import type { Move, RingLedger } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import { decideRevocation } from "./revocation.ts";
import { ACCEPTED, edit, numbered as short, situation, step } from "./testing/situation.ts";
import { ledgerOf, RING } from "./testing/walk.ts";
import { decideAbort, decideRestore } from "./wishes.ts";

/** The ring after the moves that `next` decides, until it decides none. */
function follow(ring: RingLedger, next: (ring: RingLedger) => Decision): string[] {
  const done: string[] = [];
  let current = ring;
  for (let left = 12; left > 0; left -= 1) {
    const decision = next(current);
    if (decision.step !== "advance") return [...done, short(decision)];
    done.push(short(decision).replace(/^\d+ /, ""));
    const ledger = { ...ledgerOf("ACTIVE"), rings: { [RING.id]: current } };
    const answer = nextLedger(ledger, [RING], decision.advance, new Set(["ES256"]));
    if (!answer.ok) return [...done, answer.code];
    const moved = answer.ledger.rings[RING.id] as RingLedger;
    current = { ...moved, keys: moved.keys.map((key) => ({ ...key, kid: key.kid ?? `kid-${key.name}` })) };
  }
  return [...done, "no end"];
}

const CONDEMNED = [{ serial: 9, move: { kind: "condemn", key: "k1" } as const }];

describe("a revocation", () => {
  const revoke =
    (key: string, seen: Partial<RingObservation> = { canary: ACCEPTED }) =>
    (ring: RingLedger) =>
      decideRevocation(situation(ring, 2000, seen), key, "leaked");

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

test("a key whose successor has not taken over everywhere needs a substitute of its own", () => {
  const revoke = (ring: RingLedger) => decideRevocation(situation(ring, 2000, { canary: ACCEPTED }), "k2");
  expect(follow(step("promote k2"), revoke)).toEqual([
    "condemn k2",
    "substitute k3 over",
    "publish k3 over",
    "revoke k2 to k3 over",
    "stop KEY_ENDED",
  ]);
});

describe("what a revocation had begun itself", () => {
  const condemned = (label: string) => edit(step(label), "k1", { condemned: true, history: CONDEMNED });
  const goOn = (label: string, move: Move, rival?: Move) => {
    const unfinished = { serial: 30, move, ...(rival === undefined ? {} : { rival }) };
    return short(decide(situation(condemned(label), 2000, { unfinished, canary: ACCEPTED })));
  };

  test("is done once more with its serial, over whatever is there", () => {
    expect(goOn("promote k1", { kind: "substitute", key: "k2" })).toBe("30 substitute k2 over");
    expect(goOn("generate k2", { kind: "publish", key: "k2" })).toBe("30 publish k2 over");
  });

  test("is overtaken where it is another move, or one of two", () => {
    expect(goOn("promote k1", { kind: "generate", key: "k2" })).toBe("31 substitute k2 over");
    const [publish, verify] = [
      { kind: "publish", key: "k2" },
      { kind: "verify", key: "k2" },
    ] as const;
    expect(goOn("generate k2", publish, verify)).toBe("31 publish k2 over");
    const [revoke, abort] = [
      { kind: "revoke", key: "k1", substitute: "k2" },
      { kind: "abort", key: "k2" },
    ] as const;
    expect(goOn("verify k2", revoke, abort)).toBe("31 revoke k1 to k2 over");
    expect(goOn("verify k2", abort, revoke)).toBe("31 revoke k1 to k2 over");
  });
});

test("of two moves with one serial a revocation overtakes both", () => {
  const [promote, abort] = [
    { kind: "promote", key: "k2" },
    { kind: "abort", key: "k2" },
  ] as const;
  const condemns = (move: Move, rival: Move, key: string) => {
    const seen = { unfinished: { serial: 30, move, rival } };
    return short(decideRevocation(situation("verify k2", 2000, seen), key));
  };
  expect(condemns(promote, abort, "k1")).toBe("31 condemn k1");
  expect(condemns(abort, promote, "k1")).toBe("31 condemn k1");
  expect(condemns(promote, abort, "k2")).toBe("31 condemn k2");
});

test("a substitute is proved only where it is to sign at once", () => {
  const first = edit(step("create k1"), "k1", { condemned: true, history: CONDEMNED });
  const both = {
    ...first,
    keys: [...first.keys, { ...first.keys[0], name: "k2", condemned: undefined }],
  } as RingLedger;
  expect(short(decide(situation(both, 2000)))).toBe(`${both.serial + 1} revoke k1 over`);
});

test("every refusal and every step says why", () => {
  const reason = (label: string, key: string, seen: Partial<RingObservation> = {}) =>
    decideRevocation(situation(label, 2000, seen), key).reason;
  expect(reason("promote k1", "k9")).toBe("ring shop has no key k9");
  expect(reason("retire k1", "k1")).toBe("key k1 of ring shop is RETIRED already");
  expect(reason("promote k1", "k1")).toBe("k1 is to be taken away");
  const unfinished = { serial: 30, move: { kind: "abort", key: "k2" } as const };
  expect(reason("verify k2", "k1", { unfinished })).toBe(
    "abort of k2 was begun and not finished: first that",
  );
});

test("the key that was condemned first goes first, whatever order the keys were made in", () => {
  const condemned = (name: string, serial: number) => ({
    condemned: true as const,
    history: [{ serial, move: { kind: "condemn", key: name } as const }],
  });
  const first = edit(step("verify k2"), "k1", condemned("k1", 12));
  const both = edit(first, "k2", condemned("k2", 9));
  expect(short(decide(situation(both, 2000, { canary: ACCEPTED })))).toMatch(/^\d+ revoke k2 over$/);
});
