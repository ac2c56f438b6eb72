import { describe, expect, test } from "vitest";
import { seededRandom } from "../local/seededRandom.ts";
import { Scheduler } from "./scheduler.ts";

/** Runs four independent pieces of work, the last of which becomes ready only after the first. */
async function orderOf(seed: number): Promise<string> {
  const scheduler = new Scheduler(seededRandom(seed));
  const done: string[] = [];
  let running = 0;
  const work = (name: string) =>
    scheduler.run(async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      done.push(name);
      running -= 1;
    });
  const first = work("a");
  await Promise.all([first, work("b"), work("c"), first.then(() => work("after a"))]);
  return done.join(" ");
}

describe("Scheduler", () => {
  test("one piece of work at a time, never before what it waits for", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const order = (await orderOf(seed)).replace("after a", "A").split(" ");
      expect([...order].sort()).toEqual(["A", "a", "b", "c"]);
      expect(order.indexOf("A")).toBeGreaterThan(order.indexOf("a"));
    }
  });

  test("seeds give different orders, and the same seed the same", async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, (_entry, seed) => orderOf(seed)));
    expect(new Set(orders).size).toBeGreaterThan(4);
    expect(await orderOf(7)).toBe(orders[7]);
  });

  test("what is ready later competes with what still waits", async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, (_entry, seed) => orderOf(seed)));
    expect(orders).toContainEqual(expect.stringMatching(/after a .*[bc]/));
  });

  test("work that throws rejects its own caller and nobody else's", async () => {
    const scheduler = new Scheduler(() => 0);
    const bad = scheduler.run(async () => {
      throw new Error("no");
    });
    const good = scheduler.run(async () => "yes");
    await expect(bad).rejects.toThrow("no");
    expect(await good).toBe("yes");
  });
});
