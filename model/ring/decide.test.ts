import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { short, situation, step } from "./testing/situation.ts";

describe("before all else", () => {
  const move = { kind: "revoke", key: "k1", substitute: "k2" } as const;

  test("a half-done move is repeated to the letter", () => {
    const decision = decide(
      situation("publish k2", 0, { unfinished: { serial: 9, move }, drift: "missing k1" }),
    );
    expect(decision).toMatchObject({ step: "advance", advance: { serial: 9, move } });
  });

  test("drift stops, with what differs and the way out", () => {
    expect(decide(situation("promote k1", 0, { drift: "unknown k7 ES256" }))).toEqual({
      step: "stop",
      code: "DRIFT",
      reason:
        "Cloudflare's keys of ring shop are not the ledger's: unknown k7 ES256. An older state: import the newest. Somebody else: find out who; `keyturn rotate shop --restore` writes the ledger's set",
    });
  });
});

describe("a ring that no rule uses", () => {
  test("is left alone, and holds nothing up", () => {
    expect(short(decide(situation(step("create k1"), 100, { unused: true, readBackAt: {} })))).toBe(
      "wait 86500",
    );
  });
});
