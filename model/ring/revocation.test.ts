import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer, Decision, RingObservation, Situation } from "./decision.ts";
import type { KeyRecord, Move, RingLedger } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import { decideRevocation } from "./revocation.ts";
import { ledgerOf, RING, walk } from "./testing/walk.ts";
import { decideAbort, decideRestore } from "./wishes.ts";

const T = Date.parse("2026-01-01T00:00:00.000Z");
const at = (seconds: number) => new Date(T + 1000 * seconds).toISOString();

const WAITS = {
  everySeconds: 86_400,
  leadSeconds: 900,
  propagationSeconds: 600,
  evidenceSeconds: 3600,
};

const ACCEPTED: CanaryAnswer = {
  at: at(1000),
  rounds: 3,
  pops: ["AMS"],
  key: "accepted",
  active: "accepted",
  unknown: "refused",
};

function situation(ring: RingLedger, seconds: number, seen: Partial<RingObservation> = {}): Situation {
  const ledger = { ...ledgerOf("ACTIVE"), rings: { [RING.id]: ring } };
  const readBackAt = Object.fromEntries(ring.keys.map((key) => [key.name, at(0)]));
  return {
    ledger,
    ring,
    wanted: { algorithm: "ES256", places: [] },
    waits: WAITS,
    seen: { readBackAt, ...seen },
    now: T + 1000 * seconds,
  };
}

const step = (label: string) =>
  walk().find((entry) => entry.label === label)?.ledger.rings[RING.id] as RingLedger;

function short(decision: Decision): string {
  switch (decision.step) {
    case "advance": {
      const { serial, move, repair } = decision.advance;
      const more = [
        move.substitute === undefined ? [] : [`to ${move.substitute}`],
        move.over ? ["over"] : [],
        repair ? ["repair"] : [],
      ].flat();
      return [serial, move.kind, move.key, ...more].join(" ");
    }
    case "look":
      return `look ${decision.look} ${decision.key}`;
    case "wait":
      return `wait ${(Date.parse(decision.until) - T) / 1000}`;
    case "stop":
      return `stop ${decision.code}`;
  }
}

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

function edit(ring: RingLedger, name: string, change: Partial<KeyRecord>): RingLedger {
  return { ...ring, keys: ring.keys.map((key) => (key.name === name ? { ...key, ...change } : key)) };
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

describe("a key set that was found changed", () => {
  test("voids the evidence before anything is said, and is written again once nobody else's key is there", () => {
    const found = { drift: "missing k2", live: [["kid-k1 ES256"]] };
    const verified = step("verify k2");
    expect(short(decide(situation(verified, 1000, found)))).toBe(`${verified.serial + 1} doubt k2`);
    const doubted = edit(step("publish k2"), "k2", { doubted: true });
    expect(short(decide(situation(doubted, 100, found)))).toBe("stop DRIFT");
    expect(short(decide(situation(doubted, 100)))).toBe(`${doubted.serial + 1} restore k1`);
    const active = edit(step("promote k2"), "k2", { doubted: true });
    expect(short(decide(situation(active, 100)))).toMatch(/acknowledge k1$/);
  });

  test("a key that was read back after its proof is proved anew", () => {
    const readBackAt = { k1: at(0), k2: at(100) };
    expect(short(decide(situation(step("verify k2"), 999, { readBackAt })))).toBe("wait 1000");
    expect(short(decide(situation(step("verify k2"), 1000, { readBackAt })))).toBe("look canary k2");
  });
});

describe("a ring that no rule uses", () => {
  test("is left alone, and holds nothing up", () => {
    expect(short(decide(situation(step("create k1"), 100, { unused: true, readBackAt: {} })))).toBe(
      "wait 86500",
    );
  });
});

describe("a published JWKS", () => {
  const ring = step("publish k2");
  const jwks = ["kid-k1", "kid-k2"];

  test("is announced once it has the key, and W counts from there", () => {
    expect(short(decide(situation(ring, 950, { jwks })))).toBe(`${ring.serial + 1} announce k2`);
    expect(short(decide(situation(ring, 100, { jwks: ["kid-k1"] })))).toBe("wait 900");
    const announced = edit(ring, "k2", { announcedAt: at(950) });
    expect(short(decide(situation(announced, 1849, { jwks })))).toBe("wait 1850");
    expect(short(decide(situation(announced, 1850, { jwks })))).toBe("look canary k2");
  });
});
