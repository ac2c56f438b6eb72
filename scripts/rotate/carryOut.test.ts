import { expect, test } from "vitest";
import type { Advance } from "../../model/ring/advance.ts";
import type { Advancing, Decision } from "../../model/ring/decision.ts";
import { carryOut, settled } from "./carryOut.ts";
import type { Turn } from "./turn.ts";

const ZONES = [{ zoneName: "example.com" }, { zoneName: "example.org" }];
const OWN = ["RingMaterial", "RingSigner", "RingConfigurations"].map((parent) => `**:${parent}$**::shop.*`);
const CUSTOM = ZONES.map(({ zoneName }) => `**::${zoneName}.http_request_firewall_custom`);
const LIMITS = ZONES.map(({ zoneName }) => `**::${zoneName}.http_ratelimit`);

/** The `up` that carries an advance of ring `shop`, beside which others may have begun something. */
async function sent(
  kind: string,
  { ring = "jwt", keysOnly = false, change = {}, resources = [] as object[] } = {},
) {
  const ups: { advance?: Advance; targets?: readonly string[] }[] = [];
  const rings = { shop: { ring: "shop", serial: 4 }, staff: { ring: "staff", serial: 7 } };
  const turn = {
    world: { engine: { up: async (options: object) => ups.push(options) } },
    ring: { id: "shop", kind: ring },
    ledger: rings.shop,
    resources,
    reading: { plan: { desired: { zones: ZONES }, ledger: { rings } } },
  } as unknown as Turn;
  const advance = { ring: "shop", serial: 5, move: { kind, key: "k2" }, ...change } as unknown as Advance;
  await carryOut(turn, { step: "advance", advance, reason: "" } as Advancing, keysOnly);
  expect(ups).toHaveLength(1);
  return { targets: ups[0]?.targets, advance: ups[0]?.advance as Advance, made: advance };
}

test.each([
  ["publish", "jwt", OWN],
  ["revoke", "jwt", OWN],
  ["publish", "hmac", [...OWN.slice(0, 2), ...CUSTOM]],
  ["revoke", "hmac", [...OWN.slice(0, 2), ...CUSTOM]],
  ["promote", "jwt", [...OWN, ...CUSTOM, ...LIMITS]],
  ["promote", "hmac", [...OWN.slice(0, 2), ...CUSTOM, ...LIMITS]],
  ["condemn", "jwt", OWN.slice(0, 1)],
  ["condemn", "hmac", OWN.slice(0, 1)],
] as const)(
  "a %s of a %s ring reaches its own resources and what holds its keys",
  async (kind, ring, expected) => {
    const { targets, advance, made } = await sent(kind, { ring });
    expect(new Set(targets)).toEqual(new Set(expected));
    expect(advance).toEqual(made);
  },
);

test("a repair reaches nothing but what holds the keys", async () => {
  const change = { repair: true };
  expect((await sent("promote", { change })).targets).toEqual(OWN.slice(2));
  expect((await sent("promote", { change, ring: "hmac" })).targets).toEqual(CUSTOM);
});

test("an emergency's says so", async () => {
  const { advance, made } = await sent("revoke", { keysOnly: true });
  expect(advance).toEqual({ ...made, keysOnly: true });
});

test("what other rings have begun goes with it, and what this one has begun does not", async () => {
  const begun = (ring: string, serial: number) => ({
    type: "x:TokenConfiguration",
    inputs: { ring, serial, move: { kind: "retire", key: "k1" } },
  });
  const { advance, made } = await sent("publish", { resources: [begun("shop", 5), begun("staff", 8)] });
  const open = [{ ring: "staff", serial: 8, move: { kind: "retire", key: "k1" } }];
  expect(advance).toEqual({ ...made, open });
});

test("a decision that never has enough is given four looks", async () => {
  let looks = 0;
  const turn = {
    world: { now: () => 0 },
    ledger: { ring: "shop", keys: [] },
    reading: { signers: {} },
  } as unknown as Turn;
  const decide = (): Decision => {
    looks += 1;
    return { step: "look", look: "canary", key: "k2", reason: "" };
  };
  const { decision, seen } = await settled(turn, { readBackAt: {} }, decide);
  expect([decision.step, looks, seen.canary?.rounds]).toEqual(["look", 5, 0]);
});

test("a decision that has enough is made on the first look", async () => {
  const decision = { step: "wait", until: "2026-01-01T00:00:00.000Z", reason: "" } as const;
  const turn = { world: { now: () => 0 }, ledger: { ring: "shop", keys: [] }, reading: { signers: {} } };
  const made = await settled(turn as unknown as Turn, { readBackAt: {} }, () => decision);
  expect(made).toEqual({ decision, seen: { readBackAt: {} } });
});
