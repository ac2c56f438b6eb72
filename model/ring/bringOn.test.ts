import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { CanaryAnswer } from "./decision.ts";
import { at, edit, ACCEPTED as GOOD, short, situation, step } from "./testing/situation.ts";

describe("bringing on a key", () => {
  test.each([
    ["a generated key is published", "generate k2", 0, {}, "publish k2"],
    ["a published key waits for W", "publish k2", 899, {}, "wait 900"],
    ["after W the canary is asked", "publish k2", 900, {}, "look canary k2"],
    ["a good canary verifies", "publish k2", 900, { canary: GOOD }, "verify k2"],
    ["a key that nobody read back stops", "publish k2", 900, { readBackAt: {} }, "stop NOT_DEPLOYED"],
    ["fresh evidence promotes", "verify k2", 3600, {}, "promote k2"],
    ["old evidence is asked for again", "verify k2", 3601, {}, "look canary k2"],
    ["and renewed", "verify k2", 3601, { canary: GOOD }, "verify k2"],
  ] as const)("%s", (_label, state, now, seen, expected) => {
    expect(short(decide(situation(state, now, seen)))).toBe(expected);
  });

  test.each([
    ["the new key is refused", { key: "refused" }, "stop CANARY_REFUSED"],
    ["the answer is not the canary's", { key: "none" }, "stop NO_CANARY_EVIDENCE"],
    ["the active key is refused", { active: "refused" }, "stop NO_CANARY_EVIDENCE"],
    ["the active key was not asked", { active: undefined }, "stop NO_CANARY_EVIDENCE"],
    ["the negative control has no answer", { unknown: "none" }, "stop NO_CANARY_EVIDENCE"],
    ["a key that was never published is accepted", { unknown: "accepted" }, "stop CANARY_TOO_LAX"],
  ] as const)("is not verified when %s", (_label, change, expected) => {
    const { active, ...rest } = { ...GOOD, ...change };
    const canary: CanaryAnswer = { ...rest, ...(active === undefined ? {} : { active }) };
    expect(short(decide(situation("publish k2", 900, { canary })))).toBe(expected);
  });

  test("a ring's first key needs no active one beside it", () => {
    const { active: _none, ...canary } = GOOD;
    expect(short(decide(situation(step("create k1"), 900, { canary })))).toBe("verify k1");
  });

  test("the evidence names when it was proved, and the read-back that W counted from", () => {
    const decision = decide(situation("publish k2", 900, { canary: GOOD }));
    expect(decision.step === "advance" && decision.advance.move).toEqual({
      kind: "verify",
      key: "k2",
      at: at(900),
      evidence: { provedAt: at(1000), rounds: 3, pops: ["AMS", "SIN"], publishedAt: at(0) },
    });
  });
});

describe("a published JWKS", () => {
  const ring = step("publish k2");
  const jwks = ["kid-k1", "kid-k2"];

  test("is announced once it has the key, and W counts from there", () => {
    expect(short(decide(situation(ring, 950, { jwks })))).toBe("announce k2");
    expect(short(decide(situation(ring, 100, { jwks: ["kid-k1"] })))).toBe("wait 900");
    const announced = edit(ring, "k2", { announcedAt: at(950) });
    expect(short(decide(situation(announced, 1849, { jwks })))).toBe("wait 1850");
    expect(short(decide(situation(announced, 1850, { jwks })))).toBe("look canary k2");
  });
});

describe("the lead of a key whose ring publishes a JWKS", () => {
  const ring = step("publish k2");

  test("is not counted from an answer that has other keys, and from one instant only", () => {
    expect(short(decide(situation(ring, 950, { jwks: ["kid-k1"] })))).toBe("look canary k2");
    const announced = edit(ring, "k2", { announcedAt: at(10) });
    expect(short(decide(situation(announced, 20, { jwks: ["kid-k2"] })))).toBe("wait 910");
  });

  test("counts from the later of the JWKS and the read-back", () => {
    const until = (announcedAt: string, readBack: number) =>
      short(
        decide(
          situation(edit(ring, "k2", { announcedAt }), 30, { readBackAt: { k1: at(0), k2: at(readBack) } }),
        ),
      );
    expect([until(at(20), 10), until(at(10), 20)]).toEqual(["wait 920", "wait 920"]);
  });

  test("is no matter once the key is ACTIVE", () => {
    expect(short(decide(situation("promote k1", 950, { jwks: ["kid-k1"] })))).toBe("wait 86400");
  });
});

describe("a key that the edge refuses after W", () => {
  const canary: CanaryAnswer = { ...GOOD, key: "refused" };
  const told = (label: string) => {
    const decision = decide(situation(label, 900, { canary }));
    return decision.step === "stop" ? decision.reason : short(decision);
  };

  test("is given up where another one signs, and replaced where it is the only one", () => {
    const start =
      "is refused at AMS, SIN although W has passed: its secret may be another than the ledger's. `keyturn rotate shop --restore` writes the ledger's;";
    expect(told("publish k2")).toBe(`k2 of ring shop ${start} \`keyturn abort shop\` gives it up`);
    expect(told("create k1")).toBe(
      `k1 of ring shop ${start} \`keyturn revoke shop --key k1 --yes\` puts another one in its place`,
    );
  });
});

test("what gives no evidence is said with every answer", () => {
  const { active: _none, ...canary } = GOOD;
  expect(decide(situation("publish k2", 900, { canary: { ...canary, key: "none" } }))).toMatchObject({
    reason:
      "the canary path of ring shop gives no evidence (key none, active -, never published refused): is a redirect, rewrite or account rule in front of it?",
  });
});

test("evidence counts from the instant of the read-back on, and as long as it is fresh", () => {
  const proved = (seconds: number) => edit(step("verify k2"), "k2", { provedAt: at(seconds) });
  const readBackAt = { k1: at(0), k2: at(100) };
  const decided = (seconds: number) => short(decide(situation(proved(seconds), 1000, { readBackAt })));
  expect([decided(99), decided(100)]).toEqual(["look canary k2", "promote k2"]);
});
