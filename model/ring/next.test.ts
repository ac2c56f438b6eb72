import { describe, expect, test } from "vitest";
import type { Ledger, Move, RingLedger } from "./ledger.ts";
import { nextLedger } from "./next.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { advanceFor, ledgerAfter, next, ringOf as ring, states } from "./testing/advance.ts";
import { ledgerOf, RING, STACK, walk } from "./testing/walk.ts";

/* Long because it takes one ring through all of its moves, whose ledgers the tests share. */

const acknowledged = ledgerAfter("acknowledge k1");

describe("a plain up", () => {
  test("makes and publishes the first key of a ring the ledger does not know", () => {
    const answer = next({ format: 4, stack: STACK, rings: {} });
    expect(answer).toEqual({
      ok: true,
      ledger: {
        format: 4,
        stack: STACK,
        rings: {
          shop: {
            ring: "shop",
            kind: "jwt",
            serial: 1,
            move: { kind: "create", key: "k1" },
            accepts: [
              { claim: "iss", value: "https://a.example/" },
              { claim: "aud", value: "api" },
            ],
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

describe("the waits that held while a key signed", () => {
  const waits = (ledger: Ledger) =>
    ring(ledger).keys.map((key) => [key.lifetimeSeconds, key.signerLagSeconds, key.overlapSeconds]);
  const [today, higher] = [
    [900, 300, 1900],
    [1800, 600, 5800],
  ];
  const raised = {
    ...RING,
    lifetimeSeconds: 1800,
    signerLagSeconds: 600,
    overlapSeconds: (lifetime: number) => lifetime + 4000,
  };
  const deployed = (ledger: Ledger, definition: RingDefinition) => {
    const answer = next(ledger, undefined, [definition]);
    if (!answer.ok) throw new Error(answer.message);
    return answer.ledger;
  };

  test.each([
    ["create k1", [higher]],
    ["verify k1", [higher]],
    ["generate k2", [higher, higher]],
    ["promote k2", [higher, higher]],
    ["retire k1", [today, higher]],
  ])("after %s are raised for every key that has not ended", (label, expected) => {
    expect(waits(deployed(ledgerAfter(label), raised))).toEqual(expected);
  });

  test("are never lowered", () => {
    const long = deployed(ledgerAfter("promote k2"), raised);
    expect(waits(deployed(long, RING))).toEqual([higher, higher]);
  });

  test("count each for itself: a longer lag raises no lifetime", () => {
    const lag = { ...RING, signerLagSeconds: 600 };
    expect(waits(deployed(ledgerAfter("promote k1"), lag))).toEqual([[900, 600, 1900]]);
  });
});

describe("a ring that was given up", () => {
  const forget: Move = {
    kind: "forget",
    key: "k1",
    evidence: { observedAt: "2026-01-02T00:00:00.000Z" },
  };
  const before = ledgerOf("RETIRED");
  const given = next(before, advanceFor(before, forget));
  const forgotten = given.ok ? given.ledger : before;

  test("may leave the definitions, and its live keys end with its resources", () => {
    const gone = next(forgotten, undefined, []);
    expect(gone.ok && states(gone.ledger)).toBe("k1 RETIRED, k2 FORGOTTEN");
    expect(gone.ok && ring(gone.ledger).forgottenAt).toBe("2026-01-02T00:00:00.000Z");
    expect(gone.ok && next(gone.ledger, undefined, [])).toEqual(gone);
  });

  test("keeps its keys as long as it is defined, and takes no advance afterwards", () => {
    expect(next(forgotten)).toEqual({ ok: true, ledger: forgotten });
    expect(next(forgotten, advanceFor(forgotten, forget), [])).toEqual({
      ok: false,
      code: "ADVANCE_RING_UNKNOWN",
      message: "the advance is for ring shop, which this stack does not have: unset KEYTURN_ADVANCE",
    });
  });
});

describe("what another ring has begun", () => {
  const other = { ...RING, id: "other" };
  const both: Ledger = {
    ...ledgerOf("VERIFIED"),
    rings: {
      shop: ring(ledgerOf("VERIFIED")),
      other: { ...ring(ledgerOf("VERIFIED")), ring: "other" },
    },
  };
  const serial = ring(both).serial;
  const begun = (ringId: string, at: number, move: Move = { kind: "promote", key: "k2" }) => {
    const advance = advanceFor(
      both,
      { kind: "abort", key: "k2" },
      {
        open: [{ ring: ringId, serial: at, move }],
      },
    );
    const answer = next(both, advance, [RING, other]);
    if (!answer.ok) throw new Error(answer.message);
    const keys = (id: string) => answer.ledger.rings[id]?.keys.map(({ state }) => state).join(" ");
    return [keys("shop"), keys("other"), answer.ledger.rings.other?.serial];
  };

  test("is as it will be once it is done", () => {
    expect(begun("other", serial + 1)).toEqual(["ACTIVE ABORTED", "RETIRING ACTIVE", serial + 1]);
  });

  test("is nothing where the ledger has it already, or where it is the moving ring's own or an unknown one's", () => {
    expect(begun("other", serial)).toEqual(["ACTIVE ABORTED", "ACTIVE VERIFIED", serial]);
    expect(begun("shop", serial + 1)).toEqual(["ACTIVE ABORTED", "ACTIVE VERIFIED", serial]);
    expect(begun("third", serial + 1)).toEqual(["ACTIVE ABORTED", "ACTIVE VERIFIED", serial]);
  });
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

  test("that does not know a live key's algorithm is refused, not for one that has ended", () => {
    expect(nextLedger(ledgerOf("ACTIVE"), [RING], undefined, new Set(["RS256"]))).toEqual({
      ok: false,
      code: "ALGORITHM_UNKNOWN",
      message:
        "key k1 of ring shop has algorithm ES256, which this program does not know: deploy from the newer checkout that made it",
    });
    const retired = ledgerOf("RETIRED");
    const [old, active] = ring(retired).keys;
    const keys = [{ ...old, algorithm: "ES384" }, active] as RingLedger["keys"];
    const ledger = { ...retired, rings: { shop: { ...ring(retired), keys } } };
    expect(next(ledger)).toEqual({ ok: true, ledger });
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

  test("with the serial of the last move and another move is no repeat", () => {
    const ledger = ledgerOf("GENERATED");
    const { serial } = ring(ledger);
    expect(next(ledger, advanceFor(ledger, { kind: "publish", key: "k2" }, { serial }))).toEqual({
      ok: false,
      code: "ADVANCE_STALE",
      message: `the advance of ring shop (serial ${serial}) was decided on another ledger (now at serial ${serial}): run the command again`,
    });
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
  ] as const)("%s is refused", (_label, advance, code) => {
    expect(next(ACTIVE, advance)).toMatchObject({ ok: false, code });
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
});
