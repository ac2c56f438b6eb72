import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pack } from "./pack.ts";

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { minLength: 1, maxLength: 80 });
const atMost = (count: number) => (items: readonly string[]) => items.length <= count;

describe("pack", () => {
  test("everything that fits stays in one bucket, sorted", () => {
    expect(pack(["b", "a"], (id) => id, atMost(2))).toEqual([{ prefix: "", items: ["a", "b"] }]);
  });

  test("nothing makes no bucket", () => {
    expect(pack([], (id: string) => id, atMost(2))).toEqual([]);
  });

  test("an item that fits nowhere is alone", () => {
    expect(
      pack(
        ["a"],
        (id) => id,
        () => false,
      ),
    ).toEqual([{ prefix: "", items: ["a"] }]);
  });

  test("items of one key stay together, and none is lost", () => {
    expect(
      pack(
        ["a", "b", "a"],
        (id) => id,
        () => false,
      ).flatMap(({ items }) => [items.join()]),
    ).toEqual(expect.arrayContaining(["a,a", "b"]));
  });

  test("every item is in exactly one bucket, and every bucket fits", () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 9 }), (all, size) => {
        const buckets = pack(all, (id) => id, atMost(size));
        expect(buckets.flatMap((bucket) => bucket.items).sort()).toEqual([...all].sort());
        for (const bucket of buckets) expect(bucket.items.length).toBeLessThanOrEqual(size);
      }),
    );
  });

  test("no order of the items matters", () => {
    fc.assert(
      fc.property(ids, (all) => {
        expect(pack([...all].reverse(), (id) => id, atMost(4))).toEqual(pack(all, (id) => id, atMost(4)));
      }),
    );
  });

  test("one more item changes one bucket, or splits that one", () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 9 }), (all, size) => {
        const [added, ...before] = all;
        if (added === undefined) return;
        const was = new Map(
          pack(before, (id) => id, atMost(size)).map((bucket) => [bucket.prefix, bucket.items]),
        );
        const is = pack(all, (id) => id, atMost(size));
        const changed = is.filter(
          (bucket) => JSON.stringify(was.get(bucket.prefix)) !== JSON.stringify(bucket.items),
        );
        const home = is.find((bucket) => bucket.items.includes(added))?.prefix ?? "";
        const split = [...was.keys()].find((prefix) => home.startsWith(prefix));
        // What changed lies below the bucket that the item would have joined.
        for (const bucket of changed) expect(bucket.prefix.startsWith(split ?? home)).toBe(true);
      }),
    );
  });
});
