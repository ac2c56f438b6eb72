import { describe, expect, it } from "vitest";
import { VirtualClock } from "./clock.ts";
import { constantLag, longTailLag, uniformLag } from "./lag.ts";
import { createRandom } from "./random.ts";
import type { Operation, PointOfPresence, TokenRule, ZoneSpec } from "./types.ts";
import { createWorld } from "./world.ts";

const zone: ZoneSpec = {
  id: "a".repeat(32),
  name: "example.com",
  accountId: "b".repeat(32),
  plan: "enterprise",
  addOns: [],
};

function worldWith(pops: readonly PointOfPresence[], seed: number | string = 1) {
  const clock = new VirtualClock(1_000_000);
  return { clock, world: createWorld({ clock, seed, zones: [zone], pops }) };
}

function operation(id: string): Operation {
  return { operation_id: id, method: "GET", host: "example.com", endpoint: "/", last_updated: "" };
}

describe("world", () => {
  it("answers the API at once and each point of presence after its own lag", () => {
    const { clock, world } = worldWith([
      { name: "AMS", lag: constantLag(1000) },
      { name: "SYD", lag: constantLag(5000) },
    ]);
    world.commitZone(zone.id, "operations", [operation("one")]);
    const seen = () => [
      world.zone(zone.id).operations.length,
      world.zoneAt("AMS", zone.id).operations.length,
      world.zoneAt("SYD", zone.id).operations.length,
    ];
    expect(seen()).toEqual([1, 0, 0]);
    clock.advance(999);
    expect(seen()).toEqual([1, 0, 0]);
    clock.advance(1);
    expect(seen()).toEqual([1, 1, 0]);
    clock.advance(4000);
    expect(seen()).toEqual([1, 1, 1]);
  });

  it("answers the same object until something arrives", () => {
    const { clock, world } = worldWith([{ name: "AMS", lag: constantLag(10) }]);
    const before = world.zoneAt("AMS", zone.id);
    world.commitZone(zone.id, "operations", [operation("one")]);
    clock.advance(9);
    expect(world.zoneAt("AMS", zone.id)).toBe(before);
    clock.advance(1);
    const after = world.zoneAt("AMS", zone.id);
    expect(after).not.toBe(before);
    expect(after.rulesets).toBe(before.rulesets);
    clock.advance(1_000_000);
    expect(world.zoneAt("AMS", zone.id)).toBe(after);
  });

  it("never lets a change overtake an earlier one of the same part", () => {
    const lags = [5000, 10];
    const { clock, world } = worldWith([{ name: "AMS", lag: () => lags.shift()! }]);
    world.commitZone(zone.id, "operations", [operation("old")]);
    world.commitZone(zone.id, "operations", [operation("new")]);
    clock.advance(4999);
    expect(world.zoneAt("AMS", zone.id).operations).toEqual([]);
    clock.advance(1);
    expect(world.zoneAt("AMS", zone.id).operations).toEqual([operation("new")]);
  });

  it("lets different parts arrive in another order than they were written", () => {
    const { clock, world } = worldWith([
      { name: "AMS", lag: (part) => (part === "tokenRules" ? 100 : 10_000) },
    ]);
    const rule = { id: "rule" } as TokenRule;
    world.commitZone(zone.id, "tokenConfigurations", []);
    world.commitZone(zone.id, "operations", [operation("one")]);
    world.commitZone(zone.id, "tokenRules", [rule]);
    clock.advance(100);
    expect(world.zoneAt("AMS", zone.id).tokenRules).toEqual([rule]);
    expect(world.zoneAt("AMS", zone.id).operations).toEqual([]);
  });

  it("applies a whole value at one instant, also when several arrive between two looks", () => {
    const { clock, world } = worldWith([{ name: "AMS", lag: constantLag(10) }]);
    for (const id of ["one", "two", "three"]) {
      world.commitZone(zone.id, "operations", [operation(id)]);
      clock.advance(1);
    }
    clock.advance(100);
    expect(world.zoneAt("AMS", zone.id).operations).toEqual([operation("three")]);
  });

  it("propagates account parts in the same way", () => {
    const { clock, world } = worldWith([{ name: "AMS", lag: constantLag(10) }]);
    const list = { id: "1", name: "office", kind: "ip" as const, items: ["192.0.2.1"] };
    world.commitAccount(zone.accountId, "lists", [list]);
    expect(world.accountAt("AMS", zone.accountId).lists).toEqual([]);
    clock.advance(10);
    expect(world.accountAt("AMS", zone.accountId).lists).toEqual([list]);
  });

  it("tells listeners when and where a change arrives", () => {
    const { clock, world } = worldWith([
      { name: "AMS", lag: constantLag(10) },
      { name: "SYD", lag: constantLag(20) },
    ]);
    const commits: unknown[] = [];
    const stop = world.onCommit((commit) => commits.push(commit));
    world.commitZone(zone.id, "operations", []);
    stop();
    world.commitZone(zone.id, "operations", []);
    const at = clock.now();
    expect(commits).toEqual([
      { scope: "zone", id: zone.id, part: "operations", at, arrivals: { AMS: at + 10, SYD: at + 20 } },
    ]);
    expect(world.settlesAt()).toBe(at + 20);
  });

  it("gives equal ids, lags and random numbers for equal seeds, whatever the points of presence", () => {
    const few = worldWith([{ name: "AMS", lag: uniformLag(0, 1000) }], "seed").world;
    const many = worldWith(
      [
        { name: "AMS", lag: uniformLag(0, 1000) },
        { name: "SYD", lag: uniformLag(0, 1000) },
      ],
      "seed",
    ).world;
    few.commitZone(zone.id, "operations", []);
    many.commitZone(zone.id, "operations", []);
    expect(few.id("hex32")).toBe(many.id("hex32"));
    expect(few.id("uuid")).toBe(many.id("uuid"));
    expect(few.random()).toBe(many.random());
    expect(few.id("hex32")).toMatch(/^[0-9a-f]{32}$/);
    expect(few.id("uuid")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("prints times as the API does", () => {
    expect(worldWith([]).world.timestamp()).toBe("1970-01-01T00:16:40.000000Z");
  });

  it("throws on names it does not know and on doubled ones", () => {
    const { world } = worldWith([{ name: "AMS", lag: constantLag(0) }]);
    expect(() => world.zone("x")).toThrow(new RangeError("no zone x in this world"));
    expect(() => world.zoneAt("LHR", zone.id)).toThrow(
      new RangeError("no point of presence LHR in this world"),
    );
    const pop = { name: "AMS", lag: constantLag(0) };
    expect(() => worldWith([pop, pop])).toThrow(new RangeError("the point of presence AMS is given twice"));
  });
});

describe("VirtualClock", () => {
  it("goes back only where that is allowed", () => {
    const monotone = new VirtualClock(1000);
    expect(() => monotone.set(999)).toThrow(
      new RangeError("this clock is monotone: it is at 1000 and cannot go back to 999"),
    );
    expect(() => monotone.advance(-1)).toThrow(RangeError);
    const free = new VirtualClock(1000, { monotone: false });
    free.set(999);
    expect([monotone.advance(5), free.now()]).toEqual([1005, 999]);
  });
});

describe("lags", () => {
  it("refuse ranges that are none", () => {
    expect(uniformLag(0, 0)("x", () => 0.5)).toBe(0);
    expect(() => uniformLag(-1, 5)).toThrow(new RangeError("a lag range needs 0 <= -1 <= 5"));
    expect(() => uniformLag(6, 5)).toThrow(RangeError);
    expect(() => longTailLag(0, 5)).toThrow(
      new RangeError("a long tail needs 0 < 0 <= 5 and a positive exponent, not 1.5"),
    );
    expect(() => longTailLag(1, 5, 0)).toThrow(RangeError);
    expect(longTailLag(5, 5)("x", () => 0.9)).toBe(5);
  });

  it("stay in their ranges, and the long tail is long", () => {
    const random = createRandom(7);
    const uniform = uniformLag(100, 200);
    const tail = longTailLag(100, 60_000);
    const drawn = Array.from({ length: 10_000 }, () => [uniform("x", random), tail("x", random)] as const);
    expect(
      drawn.every(([first, second]) => first >= 100 && first < 200 && second >= 100 && second <= 60_000),
    ).toBe(true);
    const late = drawn.filter(([, second]) => second > 2154).length;
    expect(late).toBeGreaterThan(60);
    expect(late).toBeLessThan(140);
  });
});
