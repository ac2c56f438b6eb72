import { describe, expect, test } from "vitest";
import { readAdvance } from "./advance.ts";
import { advance as decided, repeat } from "./decision.ts";
import { at, situation } from "./testing/situation.ts";
import { STACK } from "./testing/walk.ts";

const ADVANCE = {
  format: 1,
  stack: STACK,
  ring: "shop",
  serial: 4,
  ledger: "0123456789abcdef",
  move: { kind: "generate", key: "k2" },
} as const;
const read = (change: object) => readAdvance(JSON.stringify({ ...ADVANCE, ...change }));

describe("the value of KEYTURN_ADVANCE", () => {
  test("is none for a plain up, and an advance as it was decided", () => {
    expect([readAdvance(undefined), readAdvance("")]).toEqual([
      { ok: true, advance: undefined },
      { ok: true, advance: undefined },
    ]);
    const whole = { keysOnly: true, repair: true, open: [{ ring: "other", serial: 2, move: ADVANCE.move }] };
    expect(read(whole)).toEqual({ ok: true, advance: { ...ADVANCE, ...whole } });
  });

  test.each<[string, string | object, string]>([
    ["no JSON", "{", "it is not JSON"],
    ["another format", { format: 2 }, "format: Invalid input: expected 1"],
    ["a serial of nothing", { serial: 0 }, "serial: Too small: expected number to be >0"],
    ["a move that there is not", { move: { kind: "hurry", key: "k2" } }, "move.kind: "],
    ["a member more", { hurry: true }, ': Unrecognized key: "hurry"'],
    ["a repair that is not one", { repair: false }, "repair: "],
    [
      "a reason of more than 200 characters",
      { move: { ...ADVANCE.move, reason: "x".repeat(201) } },
      "move.reason: ",
    ],
  ])("is refused with why: %s", (_label, change, why) => {
    const answer = typeof change === "string" ? readAdvance(change) : read(change);
    expect(answer).toEqual({
      ok: false,
      code: "ADVANCE_UNREADABLE",
      message: expect.stringContaining(`KEYTURN_ADVANCE is not an advance (${why}`),
    });
    expect(!answer.ok && answer.message).toMatch(/: do not set it by hand, run `keyturn rotate`$/);
  });
});

describe("the serial of a decided move", () => {
  const of = (unfinished?: number) =>
    decided(
      situation(
        "promote k1",
        5,
        unfinished === undefined ? {} : { unfinished: { serial: unfinished, move: ADVANCE.move } },
      ),
      ADVANCE.move,
      "why",
    );

  test("is past the ledger's, and past whatever a half-done move has reached", () => {
    expect([of().advance.serial, of(9).advance.serial, of(2).advance.serial]).toEqual([4, 10, 4]);
    expect(of()).toEqual({
      step: "advance",
      reason: "why",
      advance: { ...ADVANCE, ledger: of().advance.ledger, move: { ...ADVANCE.move, at: at(5) } },
    });
  });

  test("is the same for a repeat, to the letter unless it goes over what is there", () => {
    const open = { serial: 9, move: { ...ADVANCE.move, at: at(1) } };
    const again = (over: boolean) => repeat(situation("promote k1", 5), open, over, "why").advance;
    expect([again(false).serial, again(false).move]).toEqual([9, open.move]);
    expect([again(true).serial, again(true).move]).toEqual([9, { ...open.move, over: true, at: at(5) }]);
  });
});
