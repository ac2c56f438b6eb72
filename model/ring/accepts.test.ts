import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { Ledger, Move } from "./ledger.ts";
import type { RingDefinition } from "./ringDefinition.ts";
import { ledgerAfter, moved, next, ringOf } from "./testing/advance.ts";
import { at, short, situation } from "./testing/situation.ts";
import { RING } from "./testing/walk.ts";
import { decideEnd } from "./wishes.ts";

const iss = (value: string) => ({ claim: "iss" as const, value });
const aud = (value: string) => ({ claim: "aud" as const, value });
const OLD = iss("https://a.example/");
const NEW = iss("https://b.example/");
const OTHER: RingDefinition = { ...RING, accepts: [iss("https://b.example/"), aud("api")] };

/** The ledger after an `up` of definitions that have another issuer. */
function deployed(from: Ledger, definition = OTHER): Ledger {
  const answer = next(from, undefined, [definition]);
  if (!answer.ok) throw new Error(answer.message);
  return answer.ledger;
}

const left = deployed(ledgerAfter("confirm k1"));
const decided = (ledger: Ledger, seconds: number, wish = decide) =>
  wish({ ...situation(ringOf(ledger), seconds), wanted: { ...OTHER, places: RING.places } });
const leave = (seconds: number): Move => ({
  kind: "leave",
  key: "k2",
  evidence: { observedAt: at(seconds) },
});
const end = (seconds: number): Move => ({ kind: "end", key: "k2", evidence: { observedAt: at(seconds) } });

describe("an issuer that a deploy left out", () => {
  // L and the lifetime of the walk's keys.
  const OVERLAP = 1900;
  const seen = moved(left, leave(1000), OTHER);

  test("is accepted beside the new one, whatever is deployed in between", () => {
    expect(ringOf(left).accepts).toEqual([OLD, aud("api"), NEW]);
    expect(ringOf(deployed(left)).accepts).toEqual([OLD, aud("api"), NEW]);
    const third = { ...RING, accepts: [iss("https://c.example/"), aud("api")] };
    expect(ringOf(deployed(left, third)).accepts).toEqual([OLD, aud("api"), NEW, iss("https://c.example/")]);
  });

  test("is noted when the deploy is seen, and ends O after that, not a second before", () => {
    const noted = decided(left, 1000);
    expect(noted).toMatchObject({
      advance: { move: { kind: "leave", key: "k2", evidence: { observedAt: at(1000) } } },
      reason:
        "the definitions no longer have iss https://a.example/: tokens with it are accepted for 31m 40s more",
    });
    expect(ringOf(seen).accepts).toEqual([{ ...OLD, leftAt: at(1000) }, aud("api"), NEW]);
    expect(decided(seen, 1000 + OVERLAP - 1)).toEqual({
      step: "wait",
      until: at(1000 + OVERLAP),
      reason: "tokens with iss https://a.example/ are accepted until then",
    });
    expect(decided(seen, 1000 + OVERLAP)).toMatchObject({
      advance: { move: { kind: "end", key: "k2", evidence: { observedAt: at(1000 + OVERLAP) } } },
      reason:
        "no token that was made before can still have iss https://a.example/: the next `pulumi up` takes it out of the rules",
    });
  });

  test("is gone once it has ended, and no earlier whoever says so", () => {
    expect(ringOf(moved(seen, end(1000 + OVERLAP), OTHER)).accepts).toEqual([aud("api"), NEW]);
    expect(ringOf(moved(seen, end(1000 + OVERLAP - 1), OTHER)).accepts).toContainEqual({
      ...OLD,
      leftAt: at(1000),
    });
    expect(ringOf(moved(left, end(9000), OTHER)).accepts).toContainEqual(OLD);
  });

  test("that comes back stays, and leaves anew another time", () => {
    const back = deployed(seen, RING);
    expect(ringOf(back).accepts).toEqual([OLD, aud("api"), NEW]);
    expect(ringOf(deployed(back)).accepts).toEqual([OLD, aud("api"), NEW]);
  });

  test("does not hold up a rotation that is due", () => {
    const due = 86_400;
    expect(short(decided(moved(left, leave(due - 1), OTHER), due))).toBe("generate k3");
  });

  test("ends at once where an operator asks for it, and only that", () => {
    const asked = decided(left, 1000, decideEnd);
    expect(asked).toMatchObject({ advance: { move: { kind: "end", key: "k2", over: true } } });
    expect(ringOf(moved(left, { ...end(1000), over: true }, OTHER)).accepts).toEqual([aud("api"), NEW]);
    expect(
      decided(deployed(left, RING), 1000, () =>
        decideEnd(situation(ringOf(ledgerAfter("confirm k1")), 1000)),
      ),
    ).toEqual({
      step: "wait",
      until: at(1000),
      reason: "ring shop accepts nothing that the deployed definitions do not have",
    });
  });
});

test("an issuer that is left out leaves, also where an audience has its name", () => {
  const both = { ...RING, accepts: [iss("a"), aud("a"), iss("b")] };
  const from = deployed(ledgerAfter("confirm k1"), both);
  const now = deployed(from, { ...both, accepts: [aud("a"), iss("b")] });
  expect(ringOf(now).accepts).toEqual([...RING.accepts, iss("a"), aud("a"), iss("b")]);
});

test("a second one that leaves later ends later", () => {
  const both = deployed(moved(left, leave(1000), OTHER), {
    ...OTHER,
    accepts: [iss("https://b.example/"), aud("web")],
  });
  const web = { ...OTHER, accepts: [iss("https://b.example/"), aud("web")] };
  const noted = moved(both, leave(2000), web);
  expect(ringOf(noted).accepts).toEqual([
    { ...OLD, leftAt: at(1000) },
    { ...aud("api"), leftAt: at(2000) },
    NEW,
    aud("web"),
  ]);
  expect(ringOf(moved(noted, end(2900), web)).accepts).toEqual([
    { ...aud("api"), leftAt: at(2000) },
    NEW,
    aud("web"),
  ]);
});
