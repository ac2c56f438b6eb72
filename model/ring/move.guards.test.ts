import { describe, expect, test } from "vitest";
import type { Ledger, Move } from "./ledger.ts";
import { KEY_STATES, MOVE_KINDS, type MoveKind } from "./states.ts";
import { advanceFor, ledgerAfter, moved, next, ringOf, states } from "./testing/advance.ts";
import { at, edit } from "./testing/situation.ts";
import { RING } from "./testing/walk.ts";

const SUBSTITUTE: Move = { kind: "substitute", key: "k2", over: true };

function refusal(label: string | Ledger, move: Move, definition = RING): string {
  const ledger = typeof label === "string" ? ledgerAfter(label) : label;
  const answer = next(ledger, advanceFor(ledger, move), [definition]);
  return answer.ok ? `ok: ${states(answer.ledger)}` : `${answer.code}: ${answer.message}`;
}

describe("an advance is held against the ring", () => {
  test.each<[string, Move, string]>([
    ["promote k1", { kind: "publish", key: "k9" }, "ADVANCE_KEY: ring shop has no key k9"],
    ["promote k1", { kind: "generate", key: "k3" }, "ADVANCE_KEY: the next key of ring shop is k2, not k3"],
    ["promote k1", { kind: "create", key: "k2" }, "ADVANCE_KEY: the next key of ring shop is k2, not k2"],
    ["promote k1", { kind: "generate", key: "k1" }, "ADVANCE_KEY: the next key of ring shop is k2, not k1"],
    [
      "promote k1",
      { kind: "retire", key: "k1", evidence: { samples: 1 } },
      "ADVANCE_STATE: retire needs k1 to be RETIRING, it is ACTIVE",
    ],
    [
      "promote k1",
      { kind: "promote", key: "k1" },
      "ADVANCE_STATE: promote needs k1 to be VERIFIED, it is ACTIVE",
    ],
    [
      "promote k1",
      { kind: "abort", key: "k1" },
      "ADVANCE_STATE: abort needs k1 to be GENERATED or PUBLISHED or VERIFIED, it is ACTIVE",
    ],
    [
      "publish k2",
      { kind: "promote", key: "k2" },
      "ADVANCE_STATE: promote needs k2 to be VERIFIED, it is PUBLISHED",
    ],
  ])("after %s: %o", (label, move, expected) => {
    expect(refusal(label, move)).toBe(expected);
  });

  test.each<[string, Move]>([
    ["publish k2", { kind: "verify", key: "k2" }],
    ["publish k2", { kind: "verify", key: "k2", evidence: { publishedAt: at(1) } }],
    ["publish k2", { kind: "verify", key: "k2", evidence: { provedAt: at(1) } }],
    ["publish k2", { kind: "announce", key: "k2" }],
    ["promote k2", { kind: "acknowledge", key: "k1" }],
    ["promote k1", { kind: "settle", key: "k1" }],
    ["promote k1", { kind: "leave", key: "k1" }],
    ["promote k1", { kind: "end", key: "k1", over: true }],
    ["promote k1", { kind: "forget", key: "k1" }],
    ["acknowledge k1", { kind: "retire", key: "k1", evidence: { samples: 0 } }],
    ["retire k1", { kind: "confirm", key: "k1", evidence: { observedAt: at(1) } }],
  ])("after %s without evidence: %o", (label, move) => {
    expect(refusal(label, move)).toBe(
      `ADVANCE_EVIDENCE: ${move.kind} of ${move.key} in ring shop carries no evidence`,
    );
  });
});

test("each move takes a key in these states alone", () => {
  const ring = ledgerAfter("confirm k1");
  const takes = (kind: MoveKind) =>
    KEY_STATES.filter((state) => {
      const shop = edit(ringOf(ring), "k1", { state });
      const answer = refusal({ ...ring, rings: { shop } }, { kind, key: "k1" });
      return !answer.startsWith("ADVANCE_STATE");
    }).join(" ");
  const kinds = MOVE_KINDS.filter(
    (kind) => !["create", "generate", "substitute", "adopt", "trust"].includes(kind),
  );
  const live = "GENERATED PUBLISHED VERIFIED ACTIVE RETIRING";
  expect(Object.fromEntries(kinds.map((kind) => [kind, takes(kind)]))).toEqual({
    publish: "GENERATED",
    announce: "PUBLISHED",
    verify: "PUBLISHED VERIFIED",
    promote: "VERIFIED",
    acknowledge: "RETIRING",
    attest: "RETIRING",
    retire: "RETIRING",
    confirm: "RETIRED ABORTED REVOKED",
    abort: "GENERATED PUBLISHED VERIFIED",
    condemn: live,
    revoke: live,
    doubt: "PUBLISHED VERIFIED",
    restore: "PUBLISHED VERIFIED ACTIVE",
    settle: "ACTIVE",
    leave: "ACTIVE",
    end: "ACTIVE",
    forget: KEY_STATES.join(" "),
  });
});

describe("one pending key at a time", () => {
  const generate: Move = { kind: "generate", key: "k3" };

  test.each(["generate k2", "publish k2", "verify k2"])("after %s no other begins", (label) => {
    const state = ringOf(ledgerAfter(label)).keys[1]?.state;
    for (const kind of ["generate", "substitute"] as const)
      expect(refusal(label, { kind, key: "k3" })).toBe(
        `ADVANCE_PENDING: k2 of ring shop is still ${state}: a ring has one pending key at a time`,
      );
  });

  test("a first key that was never ACTIVE gets one substitute, and nothing else beside it", () => {
    for (const label of ["create k1", "verify k1"]) {
      expect(refusal(label, { kind: "generate", key: "k2" })).toMatch(/^ADVANCE_PENDING: k1 /);
      const both = moved(ledgerAfter(label), SUBSTITUTE);
      expect(states(both)).toMatch(/^k1 (PUBLISHED|VERIFIED), k2 GENERATED$/);
      expect(refusal(both, { kind: "substitute", key: "k3" })).toMatch(/^ADVANCE_PENDING: k1 /);
      expect(refusal(both, generate)).toMatch(/^ADVANCE_PENDING: k1 /);
    }
  });
});

describe("room for keys", () => {
  const tight = { ...RING, keyLimit: 2, reserve: 1 };
  const full = { ...RING, keyLimit: 1, reserve: 0 };
  const publish: Move = { kind: "publish", key: "k2" };

  test("the reserve is an emergency's alone, to make a key and to publish it", () => {
    const refused =
      "ADVANCE_CAPACITY: ring shop would hold 2 keys and may hold 1: wait for the retiring key to go, or raise the limit if the zone has a higher one";
    expect(refusal("promote k1", { kind: "generate", key: "k2" }, tight)).toBe(refused);
    expect(refusal("generate k2", publish, tight)).toBe(refused);
    expect(refusal("generate k2", { ...publish, over: true }, tight)).toBe("ok: k1 ACTIVE, k2 PUBLISHED");
    expect(refusal("promote k1", SUBSTITUTE, tight)).toBe("ok: k1 ACTIVE, k2 GENERATED");
    expect(refusal("promote k1", { kind: "substitute", key: "k2" }, tight)).toBe(refused);
  });

  test("nothing goes past the limit itself", () => {
    for (const [label, move] of [
      ["promote k1", SUBSTITUTE],
      ["generate k2", { ...publish, over: true }],
    ] as const)
      expect(refusal(label, move, full)).toMatch(/^ADVANCE_CAPACITY: .* would hold 2 keys and may hold 1:/);
  });

  test("what adds no key is not asked, and what fits just so is taken", () => {
    expect(refusal("publish k2", { kind: "abort", key: "k2" }, full)).toBe("ok: k1 ACTIVE, k2 ABORTED");
    expect(refusal("promote k1", { kind: "generate", key: "k2" }, { ...tight, keyLimit: 3 })).toBe(
      "ok: k1 ACTIVE, k2 GENERATED",
    );
  });
});

describe("a ring is never left without a key", () => {
  const noSuccessor =
    "ADVANCE_NO_KEY_LEFT: k1 of ring shop signs, and no published substitute takes over: run `keyturn revoke shop --key k1 --yes`, which makes one";
  const onlyKey =
    "ADVANCE_NO_KEY_LEFT: k1 is the only published key of ring shop: `keyturn revoke shop --key k1 --yes` makes another one first";
  const revoke = (key: string, substitute?: string): Move => ({
    kind: "revoke",
    key,
    ...(substitute === undefined ? {} : { substitute }),
  });

  test.each([
    ["promote k1", revoke("k1"), noSuccessor],
    ["promote k1", revoke("k1", "k1"), noSuccessor],
    ["promote k1", revoke("k1", "k9"), noSuccessor],
    // One is there, and is not named.
    ["publish k2", revoke("k1"), noSuccessor],
    // Cloudflare does not have it yet.
    ["generate k2", revoke("k1", "k2"), noSuccessor],
    ["create k1", revoke("k1"), onlyKey],
    ["create k1", { kind: "abort", key: "k1" } as Move, onlyKey],
    ["publish k2", revoke("k1", "k2"), "ok: k1 REVOKED, k2 ACTIVE"],
    ["verify k2", revoke("k1", "k2"), "ok: k1 REVOKED, k2 ACTIVE"],
    ["publish k2", revoke("k2"), "ok: k1 ACTIVE, k2 REVOKED"],
    ["generate k2", { kind: "abort", key: "k2" } as Move, "ok: k1 ACTIVE, k2 ABORTED"],
  ])("after %s: %o", (label, move, expected) => {
    expect(refusal(label, move)).toBe(expected);
  });

  test("by one that is on its way out itself", () => {
    const answer = refusal("promote k2", revoke("k2", "k1"));
    expect(answer).toMatch(/^ADVANCE_NO_KEY_LEFT: k2 of ring shop signs, and no published substitute/);
  });

  test("nor by a substitute that is only made", () => {
    const both = moved(ledgerAfter("create k1"), SUBSTITUTE);
    expect(refusal(both, revoke("k1"))).toBe(onlyKey);
    const published = moved(both, { kind: "publish", key: "k2" });
    expect(refusal(published, revoke("k1"))).toBe("ok: k1 REVOKED, k2 PUBLISHED");
  });
});
