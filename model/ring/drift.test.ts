import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import {
  ACCEPTED,
  at,
  short as brief,
  edit,
  numbered as short,
  situation,
  step,
} from "./testing/situation.ts";

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

describe("a set that a dead run left behind", () => {
  const [k1, k2] = ["kid-k1 ES256", "kid-k2 ES256"];
  const publishing = (live?: readonly (readonly string[])[]) => {
    const seen = { drift: "unknown kid-k2 ES256", ...(live === undefined ? {} : { live }) };
    return brief(decide(situation("generate k2", 0, seen)));
  };

  test.each([
    ["in the only zone", [[k1, k2]], "publish k2"],
    ["in whatever order its keys come", [[k2, k1]], "publish k2"],
    ["in one of two zones", [[k1, k2], [k1]], "publish k2"],
    [
      "in both",
      [
        [k1, k2],
        [k1, k2],
      ],
      "publish k2",
    ],
    [
      "but somebody else's set in the other zone",
      [
        [k1, k2],
        [k1, "kid-k9 ES256"],
      ],
      "stop DRIFT",
    ],
    ["but the other zone's key is gone", [[k1, k2], [k2]], "stop DRIFT"],
    ["of another algorithm", [[k1, "kid-k2 RS256"]], "stop DRIFT"],
    ["of no zone that answered", [], "stop DRIFT"],
    ["of no answer", undefined, "stop DRIFT"],
  ])("is gone on with where the next move explains it: %s", (_label, live, expected) => {
    expect(publishing(live)).toBe(expected);
  });

  test("is explained by the removal of a key too, once samples say that it is next", () => {
    const seen = { drift: "missing kid-k1 ES256", live: [[k2]] };
    const samples = { at: at(1900), byKey: { k2: 3 } };
    const ring = step("acknowledge k1");
    expect(brief(decide(situation(ring, 1900, seen)))).toBe("look samples k1");
    expect(brief(decide(situation(ring, 1900, { ...seen, samples })))).toBe("retire k1");
    expect(brief(decide(situation(ring, 1899, { ...seen, samples })))).toBe("stop DRIFT");
  });

  test("is no reason to write a doubted key's set while a look is still open", () => {
    const doubted = edit(step("publish k2"), "k2", { doubted: true });
    const seen = { drift: "missing kid-k2 ES256", live: [[k1]] };
    expect(brief(decide(situation(doubted, 900, seen)))).toBe("look canary k2");
    expect(brief(decide(situation(doubted, 900, { ...seen, canary: ACCEPTED })))).toBe("stop DRIFT");
  });
});

test("only a pending key is doubted, and only one that is published", () => {
  const found = { drift: "unknown kid-k9 ES256", live: [["kid-k9 ES256"]] };
  for (const label of ["promote k1", "generate k2", "promote k2"])
    expect(brief(decide(situation(label, 0, found)))).toBe("stop DRIFT");
  for (const [label, key] of [
    ["create k1", "k1"],
    ["publish k2", "k2"],
    ["verify k2", "k2"],
  ] as const)
    expect(brief(decide(situation(label, 0, found)))).toBe(`doubt ${key}`);
});

test("what was doubted of a first key is written by its own name", () => {
  const doubted = edit(step("create k1"), "k1", { doubted: true });
  expect(brief(decide(situation(doubted, 100)))).toBe("restore k1");
});
