import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { at, short, situation, step } from "./testing/situation.ts";

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

test("a forgotten ring is left alone, whatever is seen of it, and what remains to be done is said", () => {
  const forgotten = { ...step("publish k2"), forgottenAt: at(0) };
  expect(decide(situation(forgotten, 100, { drift: "missing k2", unused: true }))).toEqual({
    step: "wait",
    until: at(86_500),
    reason: "shop is forgotten: take it out of the definitions and run `pulumi up`",
  });
});

test("a ring that no rule uses is waited with for a period", () => {
  expect(decide(situation("publish k2", 100, { unused: true, drift: "missing k2" }))).toEqual({
    step: "wait",
    until: at(86_500),
    reason:
      "no rule uses ring shop: its keys stay as they are until one does; `keyturn forget shop` gives it up",
  });
});
