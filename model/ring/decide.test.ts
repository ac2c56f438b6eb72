import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer, Decision, RingObservation, Situation } from "./decision.ts";
import type { RingLedger } from "./ledger.ts";
import { dueAt } from "./schedule.ts";
import type { KeyState } from "./states.ts";
import { attestSigners } from "./takeAway.ts";
import { ledgerOf, RING, walk } from "./testing/walk.ts";

const T = Date.parse("2026-01-01T00:00:00.000Z");
const at = (seconds: number) => new Date(T + 1000 * seconds).toISOString();

const WAITS = {
  everySeconds: 86_400,
  leadSeconds: 900,
  propagationSeconds: 600,
  evidenceSeconds: 3600,
};

const GOOD: CanaryAnswer = {
  at: at(1000),
  rounds: 3,
  pops: ["AMS", "SIN"],
  key: "accepted",
  active: "accepted",
  unknown: "refused",
};

function situation(
  from: KeyState | RingLedger,
  seconds: number,
  seen: Partial<RingObservation> = {},
): Situation {
  const ledger = ledgerOf(typeof from === "string" ? from : "ACTIVE");
  const ring = typeof from === "string" ? (ledger.rings[RING.id] as RingLedger) : from;
  const readBackAt = Object.fromEntries(ring.keys.map((key) => [key.name, at(0)]));
  return {
    ledger: { ...ledger, rings: { [RING.id]: ring } },
    ring,
    wanted: { algorithm: "ES256", places: ring.places ?? [] },
    waits: WAITS,
    seen: { readBackAt, ...seen },
    now: T + 1000 * seconds,
  };
}

function short(decision: Decision): string {
  if (decision.step === "advance") return `${decision.advance.move.kind} ${decision.advance.move.key}`;
  if (decision.step === "wait") return `wait ${(Date.parse(decision.until) - T) / 1000}`;
  return decision.step === "look" ? `look ${decision.look} ${decision.key}` : `stop ${decision.code}`;
}

function step(label: string): RingLedger {
  return walk().find((entry) => entry.label === label)?.ledger.rings[RING.id] as RingLedger;
}

describe("bringing on a key", () => {
  test.each([
    ["a generated key is published", "GENERATED", 0, {}, "publish k2"],
    ["a published key waits for W", "PUBLISHED", 899, {}, "wait 900"],
    ["after W the canary is asked", "PUBLISHED", 900, {}, "look canary k2"],
    ["a good canary verifies", "PUBLISHED", 900, { canary: GOOD }, "verify k2"],
    ["a key that nobody read back stops", "PUBLISHED", 900, { readBackAt: {} }, "stop NOT_DEPLOYED"],
    ["fresh evidence promotes", "VERIFIED", 3600, {}, "promote k2"],
    ["old evidence is asked for again", "VERIFIED", 3601, {}, "look canary k2"],
    ["and renewed", "VERIFIED", 3601, { canary: GOOD }, "verify k2"],
  ] as const)("%s", (_label, state, now, seen, expected) => {
    expect(short(decide(situation(state, now, seen)))).toBe(expected);
  });

  test.each([
    ["the new key is refused", { key: "refused" }, "stop CANARY_REFUSED"],
    ["the answer is not the canary's", { key: "none" }, "stop NO_CANARY_EVIDENCE"],
    ["the active key is refused", { active: "refused" }, "stop NO_CANARY_EVIDENCE"],
    ["the active key was not asked", { active: undefined }, "stop NO_CANARY_EVIDENCE"],
    ["the negative control has no answer", { unknown: "none" }, "stop NO_CANARY_EVIDENCE"],
    ["a key that was never published is accepted", { unknown: "accepted" }, "stop CANARY_TOO_LAX"],
  ] as const)("is not verified when %s", (_label, change, expected) => {
    const { active, ...rest } = { ...GOOD, ...change };
    const canary: CanaryAnswer = { ...rest, ...(active === undefined ? {} : { active }) };
    expect(short(decide(situation("PUBLISHED", 900, { canary })))).toBe(expected);
  });

  test("a ring's first key needs no active one beside it", () => {
    const { active: _none, ...canary } = GOOD;
    expect(short(decide(situation(step("create k1"), 900, { canary })))).toBe("verify k1");
  });

  test("the evidence names when it was proved, and the read-back that W counted from", () => {
    const decision = decide(situation("PUBLISHED", 900, { canary: GOOD }));
    expect(decision.step === "advance" && decision.advance.move).toEqual({
      kind: "verify",
      key: "k2",
      at: at(900),
      evidence: { provedAt: at(1000), rounds: 3, pops: ["AMS", "SIN"], publishedAt: at(0) },
    });
  });
});

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
      for (const from of ["ACTIVE", "RETIRING"] as const)
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
    expect(short(decide(situation("RETIRED", now, seen)))).toBe(expected);
  });
});

describe("the schedule", () => {
  const idle = step("confirm k1");

  test("waits for R after the planned instant of the newest key", () => {
    expect(short(decide(situation(idle, 1000)))).toBe("wait 86400");
    expect(dueAt(situation(idle, 1000))).toBe(T + 86_400_000);
  });

  test("a late run does not shift it, and missed periods are skipped", () => {
    const decision = decide(situation(idle, 3 * 86_400 + 500));
    expect(decision.step === "advance" && decision.advance.move.plannedAt).toBe(at(3 * 86_400));
  });

  test("another algorithm in the definitions is a reason to begin", () => {
    const decision = decide({ ...situation(idle, 1000), wanted: { algorithm: "RS256", places: [] } });
    expect(short(decision)).toBe("generate k3");
    expect(decision.step === "advance" && decision.reason).toBe(
      "rotation of shop: the definitions ask for RS256, the active key is ES256",
    );
  });

  test("being asked to is one too, but not while another rotation runs", () => {
    expect(short(decide({ ...situation(idle, 1000), force: true }))).toBe("generate k3");
    expect(short(decide({ ...situation("PUBLISHED", 100), force: true }))).toBe("wait 900");
  });
});

describe("before all else", () => {
  const move = { kind: "revoke", key: "k1", substitute: "k2" } as const;

  test("a half-done move is repeated to the letter", () => {
    const decision = decide(
      situation("PUBLISHED", 0, { unfinished: { serial: 9, move }, drift: "missing k1" }),
    );
    expect(decision).toMatchObject({ step: "advance", advance: { serial: 9, move } });
  });

  test("drift stops, with what differs and the way out", () => {
    expect(decide(situation("ACTIVE", 0, { drift: "unknown k7 ES256" }))).toEqual({
      step: "stop",
      code: "DRIFT",
      reason:
        "Cloudflare's keys of ring shop are not the ledger's: unknown k7 ES256. An older state: import the newest. Somebody else: find out who; `keyturn rotate shop --restore` writes the ledger's set",
    });
  });
});

describe("a new place of an active ring's tokens", () => {
  const known = "zone header authorization";
  const idle = { ...step("confirm k1"), places: [known] };
  const seenAt = (seconds: number, written: number, ring: RingLedger = idle) => ({
    ...situation(ring, seconds, { writtenAt: at(written) }),
    wanted: { algorithm: "ES256", places: [known, "zone cookie session"] },
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
