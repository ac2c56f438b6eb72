import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer } from "./decision.ts";
import type { RingLedger } from "./ledger.ts";
import { attestSigners } from "./takeAway.ts";
import { at, edit, ACCEPTED as GOOD, short, situation, step } from "./testing/situation.ts";

describe("taking a key away", () => {
  const acknowledged = step("acknowledge k1");
  // O = 900 + 1000 after the acknowledgement at 0.
  test.each([
    ["a promotion is acknowledged as soon as it is seen", step("promote k2"), 5, {}, "acknowledge k1"],
    ["issuers get L", acknowledged, 299, {}, "wait 300"],
    ["then they are sampled", acknowledged, 300, {}, "look samples k1"],
    [
      "an issuer that still uses the old key stops everything",
      acknowledged,
      300,
      { k1: 1, k2: 2 },
      "stop STILL_SIGNING_WITH_OLD_KEY",
    ],
    ["and after O too", acknowledged, 1900, { k1: 1, k2: 2 }, "stop STILL_SIGNING_WITH_OLD_KEY"],
    ["with new samples O still counts", acknowledged, 1899, { k2: 3 }, "wait 1900"],
    ["without any sample O still counts", acknowledged, 1899, {}, "look samples k1"],
    ["after O and with samples it is retired", acknowledged, 1900, { k2: 3 }, "retire k1"],
    [
      "a sample of an unknown key is no attestation",
      acknowledged,
      1900,
      { k2: 2, unknown: 1 },
      "stop NO_SAMPLES",
    ],
    ["without samples it stays", acknowledged, 1900, { none: 0 }, "stop NO_SAMPLES"],
    ["a retired key is looked for", step("retire k1"), 0, {}, "look refused k1"],
  ] as const)("%s", (_label, ring, now, byKey, expected) => {
    const samples = Object.keys(byKey).length === 0 ? {} : { samples: { at: at(now), byKey } };
    expect(short(decide(situation(ring, now, samples)))).toBe(expected);
  });

  test.each([
    ["no sample address", {}, "the ring has no sample address (`keyturn:samples`)"],
    ["one sample of another signer", { byKey: { k2: 2, k0: 1 } }, "of 3 samples 2 carry it"],
    [
      "one sample that says nothing",
      { byKey: { k2: 2 }, uncounted: ["HTTP 503"] },
      "of 3 samples 2 carry it, and others did not count: HTTP 503",
    ],
    [
      "no sample that says anything",
      { uncounted: ["HTTP 401", "HTTP 401", "the answer is not JSON"] },
      "of 3 samples 0 carry it, and others did not count: HTTP 401 (2 times); the answer is not JSON",
    ],
  ])("with %s it stays, and why is said", (_label, seen, said) => {
    const samples = { at: at(1900), byKey: {}, ...seen };
    expect(decide(situation(acknowledged, 1900, { samples }))).toEqual({
      step: "stop",
      code: "NO_SAMPLES",
      reason: `nothing shows that the issuer of ring shop signs with the active key: ${said}. k1 stays. Mend that; or see for yourself and say so: \`keyturn rotate shop --attest "how it was seen" --by "who"\``,
    });
  });

  test("an issuer whose tokens live longer than declared stops it, before the overlap ends too", () => {
    for (const now of [300, 1900]) {
      const samples = { at: at(now), byKey: { k2: 3 }, longestSeconds: 604_800 };
      expect(decide(situation(acknowledged, now, { samples }))).toEqual({
        step: "stop",
        code: "TOKENS_LIVE_LONGER",
        reason:
          "the issuer of ring shop gives out tokens for 7d, declared are 15m: tokens of k1 may hold for longer than its overlap. Declare 7d as the ring's lifetime, or let the issuer shorten its tokens and wait until the last long one has ended; k1 stays",
      });
    }
    const samples = { at: at(1900), byKey: { k2: 3 }, longestSeconds: 900 };
    expect(short(decide(situation(acknowledged, 1900, { samples })))).toBe("retire k1");
  });

  describe("an attestation in the place of samples", () => {
    const words = { reason: "500 tokens in the issuer's log", by: "A. Writer" };
    const [old, active] = acknowledged.keys;
    const attested = { ...acknowledged, keys: [{ ...old, attestedAt: at(400) }, active] } as RingLedger;
    const none = { at: at(1900), byKey: {}, uncounted: ["HTTP 503"] };

    test("counts after L, and only where a promotion was acknowledged", () => {
      expect(short(attestSigners(situation(acknowledged, 299), words))).toBe("wait 300");
      const decision = attestSigners(situation(acknowledged, 300), words);
      expect(decision.step === "advance" && decision.advance.move).toEqual({
        kind: "attest",
        key: "k1",
        at: at(300),
        ...words,
        evidence: { observedAt: at(300) },
      });
      for (const from of ["promote k1", "promote k2"])
        expect(short(attestSigners(situation(from, 5000), words))).toBe("stop NOTHING_TO_ATTEST");
    });

    test("retires the key once the overlap is over, not before", () => {
      expect(short(decide(situation(attested, 1899, { samples: none })))).toBe("wait 1900");
      const decision = decide(situation(attested, 1900, { samples: none }));
      expect(decision).toMatchObject({
        step: "advance",
        advance: { move: { kind: "retire", key: "k1", evidence: { samples: 0 } } },
        reason: `the overlap of k1 is over and it was attested at ${at(400)} that issuers sign with k2`,
      });
    });

    test("does not outweigh a sample of the old key, or one that lives too long", () => {
      expect(short(decide(situation(attested, 1900, { samples: { ...none, byKey: { k1: 1 } } })))).toBe(
        "stop STILL_SIGNING_WITH_OLD_KEY",
      );
      const samples = { ...none, longestSeconds: 901 };
      expect(short(decide(situation(attested, 1900, { samples })))).toBe("stop TOKENS_LIVE_LONGER");
    });
  });

  test("L and O are those that held while the key signed, not today's", () => {
    const [old, active] = acknowledged.keys;
    const ring = {
      ...acknowledged,
      keys: [{ ...old, signerLagSeconds: 6000, overlapSeconds: 8200 }, active],
    } as RingLedger;
    const samples = { samples: { at: at(1900), byKey: { k2: 3 } } };
    expect(short(decide(situation(ring, 1900, samples)))).toBe("wait 6000");
    expect(short(decide(situation(ring, 6000, samples)))).toBe("wait 8200");
    expect(short(decide(situation(ring, 8200, samples)))).toBe("retire k1");
  });

  test.each([
    ["refused: confirmed", { key: "refused" }, 10, "confirm k1"],
    ["still accepted within P: wait", { key: "accepted" }, 10, "wait 660"],
    ["still accepted after P: alarm", { key: "accepted" }, 661, "stop RETIRED_KEY_ACCEPTED"],
    [
      "refused, but so is the active key: no proof",
      { key: "refused", active: "refused" },
      661,
      "stop NO_CANARY_EVIDENCE",
    ],
    ["no answer after P: alarm", { key: "none" }, 661, "stop NO_CANARY_EVIDENCE"],
  ] as const)("%s", (_label, change, now, expected) => {
    const seen = { refused: { ...GOOD, ...change } as CanaryAnswer, writtenAt: at(0) };
    expect(short(decide(situation("retire k1", now, seen)))).toBe(expected);
  });
});

describe("a key that was taken away", () => {
  const look = (now: number, change: Partial<CanaryAnswer>, writtenAt?: string) =>
    decide(
      situation("retire k1", now, {
        refused: { ...GOOD, ...change },
        ...(writtenAt === undefined ? {} : { writtenAt }),
      }),
    );

  test("has until P after the write, that instant included", () => {
    expect(short(look(660, { key: "accepted" }, at(0)))).toBe("wait 660");
    expect(short(look(660, { key: "none" }, at(0)))).toBe("wait 660");
    expect(look(661, { key: "accepted" }, at(0))).toEqual({
      step: "stop",
      code: "RETIRED_KEY_ACCEPTED",
      reason: `k1 was taken away at ${at(0)} and is still accepted at AMS, SIN: a point of presence may lag beyond P, or another configuration holds the key`,
    });
  });

  test("is waited for from now on where no resource says when it was written", () => {
    expect(short(look(5000, { key: "accepted" }))).toBe("wait 5660");
  });

  test("is confirmed with the answer as evidence, once", () => {
    expect(look(10, { key: "refused" })).toMatchObject({
      advance: {
        move: { kind: "confirm", evidence: { provedAt: at(1000), rounds: 3, pops: ["AMS", "SIN"] } },
      },
    });
    expect(short(decide(situation("confirm k1", 10)))).toBe("wait 86400");
  });

  test.each(["REVOKED", "ABORTED"] as const)("is looked for whether it was retired or %s", (state) => {
    expect(short(decide(situation(edit(step("retire k1"), "k1", { state }), 10)))).toBe("look refused k1");
  });
});

test("a retirement carries how many samples were seen and when", () => {
  const samples = { at: at(1899), byKey: { k2: 3 } };
  expect(decide(situation(step("acknowledge k1"), 1900, { samples }))).toMatchObject({
    advance: { move: { kind: "retire", evidence: { samples: 3, observedAt: at(1899) } } },
    reason: "the overlap of k1 is over and all 3 sampled tokens carry k2",
  });
});
