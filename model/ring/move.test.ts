import { describe, expect, test } from "vitest";
import type { Move } from "./ledger.ts";
import { ledgerAfter, moved, ringOf, states } from "./testing/advance.ts";
import { at } from "./testing/situation.ts";
import { RING, walk } from "./testing/walk.ts";

/** What of a ring is another after the move: by member, and by key; `undefined` for what is gone. */
function changes(label: string, move: Move): object {
  const ledger = ledgerAfter(label);
  const [before, now] = [ringOf(ledger), ringOf(moved(ledger, move))];
  const entry = { serial: now.serial, move };
  const added = (a: unknown, b: unknown) =>
    JSON.stringify(b) === JSON.stringify([...(a as object[]), entry]) ? move.kind : b;
  const differing = (a: object, b: object) => {
    const members = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const value = (of: object, name: string) => (of as Record<string, unknown>)[name];
    return Object.fromEntries(
      members
        .filter((name) => JSON.stringify(value(a, name)) !== JSON.stringify(value(b, name)))
        .map((name) => [name, name === "history" ? added(value(a, name), value(b, name)) : value(b, name)]),
    );
  };
  const { keys: _before, ...ring } = before;
  const { keys: _now, serial, move: last, ...rest } = now;
  expect([serial, last]).toEqual([before.serial + 1, move]);
  const { serial: _serial, move: _move, ...others } = differing({ ...ring }, { ...rest });
  const keys = now.keys.map((key, index) => [key.name, differing(before.keys[index] ?? {}, key)] as const);
  return { ...others, ...Object.fromEntries(keys.filter(([, found]) => Object.keys(found).length > 0)) };
}

const [one, two, three] = [at(1), at(2), at(3)];

describe("a move changes this and nothing else", () => {
  test.each<[string, Move, object]>([
    [
      "create k1",
      { kind: "verify", key: "k1", evidence: { publishedAt: one, provedAt: two } },
      { k1: { state: "VERIFIED", publishedAt: one, provedAt: two, history: "verify" } },
    ],
    [
      "publish k2",
      { kind: "announce", key: "k2", evidence: { observedAt: three } },
      { k2: { announcedAt: three, history: "announce" } },
    ],
    [
      "verify k1",
      { kind: "promote", key: "k1" },
      { places: RING.places, k1: { state: "ACTIVE", hasSigned: true, history: "promote" } },
    ],
    [
      "verify k2",
      { kind: "promote", key: "k2" },
      {
        k1: { state: "RETIRING", history: "promote" },
        k2: { state: "ACTIVE", hasSigned: true, history: "promote" },
      },
    ],
    [
      "promote k2",
      { kind: "acknowledge", key: "k1", evidence: { observedAt: three } },
      { k1: { acknowledgedAt: three, history: "acknowledge" } },
    ],
    [
      "acknowledge k1",
      { kind: "retire", key: "k1", evidence: { samples: 1, observedAt: three } },
      { k1: { state: "RETIRED", history: "retire" } },
    ],
    [
      "retire k1",
      { kind: "confirm", key: "k1", evidence: { provedAt: two } },
      { k1: { confirmedAt: two, history: "confirm" } },
    ],
    ["publish k2", { kind: "abort", key: "k2" }, { k2: { state: "ABORTED", history: "abort" } }],
    ["promote k1", { kind: "condemn", key: "k1" }, { k1: { condemned: true, history: "condemn" } }],
    [
      "publish k2",
      { kind: "revoke", key: "k1", substitute: "k2" },
      {
        k1: { state: "REVOKED", history: "revoke" },
        k2: { state: "ACTIVE", hasSigned: true, history: "revoke" },
      },
    ],
    // Points of presence learn of the keys anew, so what was seen of a pending one no longer counts.
    [
      "verify k2",
      { kind: "doubt", key: "k2" },
      {
        k2: {
          state: "PUBLISHED",
          publishedAt: undefined,
          provedAt: undefined,
          doubted: true,
          history: "doubt",
        },
      },
    ],
    [
      "verify k2",
      { kind: "restore", key: "k1" },
      {
        k1: { history: "restore" },
        k2: { state: "PUBLISHED", publishedAt: undefined, provedAt: undefined },
      },
    ],
    ["generate k2", { kind: "restore", key: "k1" }, { k1: { history: "restore" } }],
    [
      "promote k1",
      { kind: "settle", key: "k1", evidence: { observedAt: three } },
      { k1: { history: "settle" } },
    ],
    [
      "promote k1",
      { kind: "forget", key: "k1", evidence: { observedAt: three } },
      { forgottenAt: three, k1: { history: "forget" } },
    ],
  ])("after %s: %o", (label, move, expected) => {
    expect(changes(label, move)).toStrictEqual(expected);
  });

  test("a promotion touches no key that has ended", () => {
    const third: Move[] = [
      { kind: "generate", key: "k3" },
      { kind: "publish", key: "k3" },
      { kind: "verify", key: "k3", evidence: { publishedAt: one, provedAt: two } },
      { kind: "promote", key: "k3" },
    ];
    const ledger = third.reduce((before, move) => moved(before, move), ledgerAfter("confirm k1"));
    expect(states(ledger)).toBe("k1 RETIRED, k2 RETIRING, k3 ACTIVE");
  });

  test("places are recorded with the first promotion and by `settle`, and a ring of links has none", () => {
    const other = { ...RING, places: ["zone cookie session"] };
    const places = (label: string, move: Move, definition = other) =>
      ringOf(moved(ledgerAfter(label), move, definition)).places;
    const settle: Move = { kind: "settle", key: "k1", evidence: { observedAt: three } };
    expect(places("verify k1", { kind: "promote", key: "k1" })).toEqual(other.places);
    expect(places("verify k2", { kind: "promote", key: "k2" })).toEqual(RING.places);
    expect(places("promote k1", settle)).toEqual(other.places);
    expect(places("promote k1", { kind: "condemn", key: "k1" })).toEqual(RING.places);
    const links = { ...RING, kind: "hmac" as const, algorithm: "HS256" };
    for (const { ledger } of walk(links)) expect(ringOf(ledger)).not.toHaveProperty("places");
  });
});

test("a new key has what the definitions say, and the instant for which it was planned", () => {
  const longer = { ...RING, algorithm: "RS256", size: 3072, lifetimeSeconds: 60, signerLagSeconds: 7 };
  const planned: Move = { kind: "generate", key: "k2", plannedAt: three };
  const ring = ringOf(moved(ledgerAfter("promote k1"), planned, longer));
  expect(ring.keys[1]).toEqual({
    name: "k2",
    algorithm: "RS256",
    size: 3072,
    kid: null,
    jwk: null,
    state: "GENERATED",
    lifetimeSeconds: 60,
    signerLagSeconds: 7,
    overlapSeconds: 1060,
    hasSigned: false,
    plannedAt: three,
    history: [{ serial: ring.serial, move: planned }],
  });
});
