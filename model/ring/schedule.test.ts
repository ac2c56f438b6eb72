import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { dueAt } from "./schedule.ts";
import { at, short, situation, step } from "./testing/situation.ts";

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
    const decision = decide({ ...situation(idle, 1000), wanted: { algorithm: "RS256", places: [] } });
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
