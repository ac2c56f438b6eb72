import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { KeyRecord } from "./ledger.ts";
import { dueAt } from "./schedule.ts";
import { at, edit, ACCEPTED as GOOD, short, situation, step } from "./testing/situation.ts";
import { RING } from "./testing/walk.ts";

describe("the schedule", () => {
  const idle = step("confirm k1");

  test("waits for R after the planned instant of the newest key", () => {
    expect(short(decide(situation(idle, 1000)))).toBe("wait 86400");
    expect(dueAt(situation(idle, 1000))).toBe(Date.parse(at(86_400)));
  });

  test("a late run does not shift it, and missed periods are skipped", () => {
    const decision = decide(situation(idle, 3 * 86_400 + 500));
    expect(decision.step === "advance" && decision.advance.move.plannedAt).toBe(at(3 * 86_400));
  });

  test("another algorithm in the definitions is a reason to begin", () => {
    const decision = decide({
      ...situation(idle, 1000),
      wanted: { algorithm: "RS256", places: [], accepts: RING.accepts },
    });
    expect(short(decision)).toBe("generate k3");
    expect(decision.step === "advance" && decision.reason).toBe(
      "rotation of shop: the definitions ask for RS256, the active key is ES256",
    );
  });

  test("being asked to is one too, but not while another rotation runs", () => {
    expect(short(decide({ ...situation(idle, 1000), force: true }))).toBe("generate k3");
    expect(short(decide({ ...situation("publish k2", 100), force: true }))).toBe("wait 900");
  });
});

test("nothing begins before its instant, and at its instant it does", () => {
  const decided = (seconds: number) => decide(situation("confirm k1", seconds));
  expect(decided(86_399)).toEqual({
    step: "wait",
    until: at(86_400),
    reason: "next rotation of shop is due",
  });
  expect(decided(86_400)).toMatchObject({
    advance: { move: { kind: "generate", key: "k3", plannedAt: at(86_400) } },
    reason: `rotation of shop: due since ${at(86_400)}`,
  });
});

test("one that is asked for is planned for now, and shifts the schedule", () => {
  const decision = decide({ ...situation("confirm k1", 1000), force: true });
  expect(decision).toMatchObject({
    advance: { move: { kind: "generate", plannedAt: at(1000) } },
    reason: "rotation of shop: asked for",
  });
});

test.each([
  "create k1",
  "verify k1",
  "generate k2",
  "publish k2",
  "verify k2",
  "promote k2",
  "acknowledge k1",
])("after %s a key is on its way, so nothing begins, whatever is due or asked for", (label) => {
  for (const seconds of [0, 900, 1900, 10 * 86_400])
    for (const seen of [{}, { canary: GOOD }, { samples: { at: at(0), byKey: { k2: 1 } } }])
      for (const algorithm of ["ES256", "RS256"]) {
        const wanted = { algorithm, places: [], accepts: RING.accepts };
        const decision = decide({ ...situation(label, seconds, seen), wanted, force: true });
        expect(short(decision)).not.toContain("generate");
      }
});

describe("the schedule goes on from the newest published key", () => {
  const due = (label: string, change: Partial<KeyRecord> = {}, readBack = 0) => {
    const ring = step(label);
    const newest = ring.keys.at(-1)?.name ?? "";
    const { seen, ...rest } = situation(edit(ring, newest, change), 0, {
      readBackAt: { [newest]: at(readBack) },
    });
    return (dueAt({ ...rest, seen }) - Date.parse(at(0))) / 1000 - 86_400;
  };

  test("from when it was planned, else published, else read back", () => {
    expect(due("publish k2", { plannedAt: at(7), publishedAt: at(8) })).toBe(7);
    expect(due("promote k1", { publishedAt: at(8) }, 9)).toBe(8);
    expect(due("create k1", {}, 9)).toBe(9);
  });

  test("not from one that is only made, or from none", () => {
    expect(due("generate k2", { plannedAt: at(7) })).toBe(0);
    const ended = edit(step("create k1"), "k1", { state: "FORGOTTEN" });
    expect(dueAt(situation(ended, 0))).toBe(0);
  });
});
