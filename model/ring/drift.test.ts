import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { at, edit, numbered as short, situation, step } from "./testing/situation.ts";

describe("a key set that was found changed", () => {
  test("voids the evidence before anything is said, and is written again once nobody else's key is there", () => {
    const found = { drift: "missing k2", live: [["kid-k1 ES256"]] };
    const verified = step("verify k2");
    expect(short(decide(situation(verified, 1000, found)))).toBe(`${verified.serial + 1} doubt k2`);
    const doubted = edit(step("publish k2"), "k2", { doubted: true });
    expect(short(decide(situation(doubted, 100, found)))).toBe("stop DRIFT");
    expect(short(decide(situation(doubted, 100)))).toBe(`${doubted.serial + 1} restore k1`);
    const active = edit(step("promote k2"), "k2", { doubted: true });
    expect(short(decide(situation(active, 100)))).toMatch(/acknowledge k1$/);
  });

  test("a key that was read back after its proof is proved anew", () => {
    const readBackAt = { k1: at(0), k2: at(100) };
    expect(short(decide(situation(step("verify k2"), 999, { readBackAt })))).toBe("wait 1000");
    expect(short(decide(situation(step("verify k2"), 1000, { readBackAt })))).toBe("look canary k2");
  });
});
