import { describe, expect, test } from "vitest";
import type { Ledger, Move } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import { advanceFor, next, ringOf as ring, states } from "./testing/advance.ts";
import { ledgerOf, RING, STACK, walk } from "./testing/walk.ts";

const acknowledged = walk().find(({ label }) => label === "acknowledge k1")?.ledger as Ledger;

describe("a plain up", () => {
  test("makes and publishes the first key of a ring the ledger does not know", () => {
    const answer = next({ format: 2, stack: STACK, rings: {} });
    expect(answer).toEqual({
      ok: true,
      ledger: {
        format: 2,
        stack: STACK,
        rings: {
          shop: {
            ring: "shop",
            kind: "jwt",
            serial: 1,
            move: { kind: "create", key: "k1" },
            keys: [
              {
                name: "k1",
                algorithm: "ES256",
                size: 0,
                kid: null,
                jwk: null,
                state: "PUBLISHED",
                lifetimeSeconds: 900,
                signerLagSeconds: 300,
                overlapSeconds: 1900,
                hasSigned: false,
                history: [{ serial: 1, move: { kind: "create", key: "k1" } }],
              },
            ],
          },
        },
      },
    });
  });

  test.each(walk().map(({ ledger, label }) => [label, ledger] as const))(
    "changes no key: %s",
    (_label, ledger) => {
      expect(next(ledger)).toEqual({ ok: true, ledger });
    },
  );

  test("changes no key when the definitions ask for another algorithm, and the next key gets it", () => {
    const ledger = ledgerOf("ACTIVE");
    const other = { ...RING, algorithm: "RS256", size: 2048 };
    expect(next(ledger, undefined, [other])).toEqual({ ok: true, ledger });
    const generated = next(ledger, advanceFor(ledger, { kind: "generate", key: "k2" }), [other]);
    expect(
      generated.ok && ring(generated.ledger).keys.map(({ algorithm, size }) => [algorithm, size]),
    ).toEqual([
      ["ES256", 0],
      ["RS256", 2048],
    ]);
  });

  test("raises the lifetime that the overlap counts with, and never lowers it", () => {
    const raised = next(ledgerOf("ACTIVE"), undefined, [{ ...RING, lifetimeSeconds: 3600 }]);
    expect(raised.ok && ring(raised.ledger).keys[0]?.lifetimeSeconds).toBe(3600);
    const lowered = raised.ok
      ? next(raised.ledger, undefined, [{ ...RING, lifetimeSeconds: 60 }])
      : undefined;
    expect(lowered).toMatchObject({ ok: true });
    expect(lowered?.ok && ring(lowered.ledger).keys[0]?.lifetimeSeconds).toBe(3600);
  });
});

test("a lifetime that was raised and not deployed yet does not hold up an advance, and counts from it on", () => {
  const raised = { ...RING, lifetimeSeconds: 3600 };
  const seen = next(ledgerOf("PUBLISHED"), undefined, [raised]);
  if (!seen.ok) throw new Error(seen.message);
  const advance = advanceFor(seen.ledger, { kind: "revoke", key: "k1", substitute: "k2" });
  const answer = next(ledgerOf("PUBLISHED"), advance, [raised]);
  expect(answer).toMatchObject({ ok: true });
  expect(answer.ok && states(answer.ledger)).toBe("k1 REVOKED, k2 ACTIVE");
  expect(answer.ok && ring(answer.ledger).keys.map((key) => key.lifetimeSeconds)).toEqual([3600, 3600]);
});

describe("an older checkout", () => {
  test("without the ring is refused before anything is registered", () => {
    expect(next(ledgerOf("ACTIVE"), undefined, [])).toEqual({
      ok: false,
      code: "RING_MISSING",
      message:
        "ring shop has live keys (k1 ACTIVE) and is not in the definitions: update this checkout, put the ring back, say `was: shop` in the ring that goes on with its keys, or give the ring up: `keyturn forget shop`",
    });
  });

  test("that does not know a live key's algorithm is refused", () => {
    const answer = nextLedger(ledgerOf("ACTIVE"), [RING], undefined, new Set(["RS256"]));
    expect(answer).toMatchObject({ ok: false, code: "ALGORITHM_UNKNOWN" });
  });

  test("in which the ring is of another kind is refused", () => {
    expect(next(ledgerOf("ACTIVE"), undefined, [{ ...RING, kind: "hmac" }])).toMatchObject({
      ok: false,
      code: "RING_KIND_CHANGED",
    });
  });
});

describe("an advance", () => {
  test("moves the ring along the whole way, one state at a time", () => {
    expect(walk().map(({ label, ledger }) => `${label}: ${states(ledger)}`)).toEqual([
      "create k1: k1 PUBLISHED",
      "verify k1: k1 VERIFIED",
      "promote k1: k1 ACTIVE",
      "generate k2: k1 ACTIVE, k2 GENERATED",
      "publish k2: k1 ACTIVE, k2 PUBLISHED",
      "verify k2: k1 ACTIVE, k2 VERIFIED",
      "promote k2: k1 RETIRING, k2 ACTIVE",
      "acknowledge k1: k1 RETIRING, k2 ACTIVE",
      "retire k1: k1 RETIRED, k2 ACTIVE",
      "confirm k1: k1 RETIRED, k2 ACTIVE",
    ]);
  });

  test("done twice is done once", () => {
    const ledger = ledgerOf("ACTIVE");
    const advance = advanceFor(ledger, { kind: "generate", key: "k2" });
    const once = next(ledger, advance);
    expect(once.ok && next(once.ledger, advance)).toEqual(once);
  });

  const ACTIVE = ledgerOf("ACTIVE");
  const generate: Move = { kind: "generate", key: "k2" };
  test.each([
    [
      "for another stack",
      advanceFor(ACTIVE, generate, { stack: "organization/keyturn/prod" }),
      "ADVANCE_STACK",
    ],
    ["for an unknown ring", advanceFor(ACTIVE, generate, { ring: "other" }), "ADVANCE_RING_UNKNOWN"],
    [
      "decided on another ledger",
      advanceFor(ACTIVE, generate, { ledger: "0000000000000000" }),
      "ADVANCE_STALE",
    ],
    ["with the serial of a past move", advanceFor(ACTIVE, generate, { serial: 3 }), "ADVANCE_STALE"],
    ["for a key that does not exist", advanceFor(ACTIVE, { kind: "publish", key: "k9" }), "ADVANCE_KEY"],
    ["that reuses a key's name", advanceFor(ACTIVE, { kind: "generate", key: "k1" }), "ADVANCE_KEY"],
    ["that makes a first key again", advanceFor(ACTIVE, { kind: "create", key: "k2" }), "ADVANCE_KEY"],
    ["from the wrong state", advanceFor(ACTIVE, { kind: "promote", key: "k1" }), "ADVANCE_STATE"],
    [
      "to retire the active key",
      advanceFor(ACTIVE, { kind: "retire", key: "k1", evidence: { samples: 1 } }),
      "ADVANCE_STATE",
    ],
    ["that leaves no key", advanceFor(ACTIVE, { kind: "revoke", key: "k1" }), "ADVANCE_NO_KEY_LEFT"],
    [
      "with itself as substitute",
      advanceFor(ACTIVE, { kind: "revoke", key: "k1", substitute: "k1" }),
      "ADVANCE_NO_KEY_LEFT",
    ],
  ] as const)("%s is refused", (_label, advance, code) => {
    expect(next(ACTIVE, advance)).toMatchObject({ ok: false, code });
  });

  test.each([
    ["PUBLISHED", { kind: "verify", key: "k2" }],
    ["PUBLISHED", { kind: "verify", key: "k2", evidence: { publishedAt: "2026-01-01T00:00:00Z" } }],
    ["RETIRING", { kind: "acknowledge", key: "k1" }],
    ["RETIRING", { kind: "retire", key: "k1" }],
    ["RETIRING", { kind: "retire", key: "k1", evidence: { samples: 0 } }],
    ["RETIRED", { kind: "confirm", key: "k1" }],
  ] as const)("in %s without its evidence is refused: %o", (state, move) => {
    const ledger = ledgerOf(state);
    expect(next(ledger, advanceFor(ledger, move))).toMatchObject({ ok: false, code: "ADVANCE_EVIDENCE" });
  });

  test("attested by somebody who says how: recorded, and in the place of samples", () => {
    const promoted = ledgerOf("RETIRING");
    const at = "2026-01-01T01:00:00Z";
    const words = { reason: "the issuer's log", by: "A. Writer", evidence: { observedAt: at } };
    const attest: Move = { kind: "attest", key: "k1", ...words };
    const refused = [
      [promoted, attest],
      [acknowledged, { ...attest, reason: undefined }],
      [acknowledged, { ...attest, by: undefined }],
      [acknowledged, { ...attest, by: "" }],
      [acknowledged, { ...attest, evidence: {} }],
    ] as const;
    for (const [ledger, move] of refused)
      expect(next(ledger, advanceFor(ledger, move as Move))).toMatchObject({ code: "ADVANCE_EVIDENCE" });
    const attested = next(acknowledged, advanceFor(acknowledged, attest));
    if (!attested.ok) throw new Error(attested.message);
    expect(ring(attested.ledger).keys[0]).toMatchObject({
      state: "RETIRING",
      attestedAt: at,
      history: expect.arrayContaining([{ serial: 9, move: attest }]),
    });
    const retire: Move = { kind: "retire", key: "k1", evidence: { samples: 0, observedAt: at } };
    const retired = next(attested.ledger, advanceFor(attested.ledger, retire));
    expect(retired.ok && states(retired.ledger)).toBe("k1 RETIRED, k2 ACTIVE");
  });

  test("for a second pending key is refused", () => {
    const ledger = ledgerOf("PUBLISHED");
    expect(next(ledger, advanceFor(ledger, { kind: "generate", key: "k3" }))).toEqual({
      ok: false,
      code: "ADVANCE_PENDING",
      message: "k2 of ring shop is still PUBLISHED: a ring has one pending key at a time",
    });
  });

  test("above the limit less the reserve is refused, and an emergency may use the reserve", () => {
    const tight = { ...RING, keyLimit: 2, reserve: 1 };
    const ledger = ledgerOf("ACTIVE");
    expect(next(ledger, advanceFor(ledger, generate), [tight])).toMatchObject({
      ok: false,
      code: "ADVANCE_CAPACITY",
    });
    const emergency = next(ledger, advanceFor(ledger, { kind: "substitute", key: "k2" }), [tight]);
    expect(emergency.ok && states(emergency.ledger)).toBe("k1 ACTIVE, k2 GENERATED");
    const made = emergency.ok ? emergency.ledger : ledger;
    const published = next(made, advanceFor(made, { kind: "publish", key: "k2" }), [tight]);
    expect(published.ok && states(published.ledger)).toBe("k1 ACTIVE, k2 PUBLISHED");
  });

  test("revokes the active key and lets a published substitute take over at once", () => {
    const ledger = ledgerOf("PUBLISHED");
    const answer = next(ledger, advanceFor(ledger, { kind: "revoke", key: "k1", substitute: "k2" }));
    expect(answer.ok && states(answer.ledger)).toBe("k1 REVOKED, k2 ACTIVE");
    expect(answer.ok && ring(answer.ledger).keys[1]?.hasSigned).toBe(true);
  });

  test("gives up a pending key and keeps the active one", () => {
    const ledger = ledgerOf("VERIFIED");
    const answer = next(ledger, advanceFor(ledger, { kind: "abort", key: "k2" }));
    expect(answer.ok && states(answer.ledger)).toBe("k1 ACTIVE, k2 ABORTED");
  });
});
