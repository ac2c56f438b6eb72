import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { RingLedger } from "./ledger.ts";
import { adopt } from "./mirrored.ts";
import { nextLedger } from "./next.ts";
import { at, short, situation } from "./testing/situation.ts";
import { RING, STACK } from "./testing/walk.ts";

const known = new Set(["ES256"]);
const key = (kid: string) => ({
  kid,
  algorithm: "ES256",
  size: 0,
  jwk: { kty: "EC", crv: "P-256" } as const,
});
const MIRROR = { ...RING, kind: "mirror", algorithm: "", reserve: 0 } as const;
const EMPTY = { format: 4, stack: STACK, rings: {} } as const;

/** A ledger after these keys were fetched and deployed. */
function deployed(): RingLedger {
  const id = MIRROR.id;
  const { advance } = adopt({ ledger: EMPTY, ring: undefined, id, now: 0 }, [key("a"), key("b")], true);
  const fetched = nextLedger(EMPTY, [], advance, known);
  if (!fetched.ok) throw new Error(fetched.message);
  const up = nextLedger(fetched.ledger, [MIRROR], undefined, known);
  if (!up.ok) throw new Error(up.message);
  return up.ledger.rings[id] as RingLedger;
}

test("adopted keys count once the last of them was read back everywhere and W has passed", () => {
  const ring = deployed();
  const decided = (now: number, readBackAt: Record<string, string>) =>
    short(decide(situation(ring, now, { readBackAt })));
  const both = { k1: at(0), k2: at(100) };
  expect([decided(0, { k1: at(0) }), decided(900, both), decided(999, both), decided(1000, both)]).toEqual([
    "wait 900",
    "wait 1000",
    "wait 1000",
    "trust k1",
  ]);
  expect(decided(2000, { k1: at(0) })).toBe("stop NOT_DEPLOYED");
});

test("a second fetch before the deploy takes the place of the first, and a stale advance is refused", () => {
  const id = MIRROR.id;
  const first = adopt({ ledger: EMPTY, ring: undefined, id, now: 0 }, [key("a")], true).advance;
  const after = nextLedger(EMPTY, [], first, known);
  if (!after.ok) throw new Error(after.message);
  const ring = after.ledger.rings[id];
  const second = adopt({ ledger: after.ledger, ring, id, now: 1 }, [key("b")], true).advance;
  const replaced = nextLedger(after.ledger, [], second, known);
  expect(replaced.ok && replaced.ledger.rings[id]?.keys.map(({ name, kid }) => `${name} ${kid}`)).toEqual([
    "k1 b",
  ]);
  expect(nextLedger(after.ledger, [], { ...second, ledger: "new" }, known)).toMatchObject({
    code: "ADVANCE_STALE",
  });
});
