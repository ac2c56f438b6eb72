import { describe, expect, it } from "vitest";
import { resolveChoices } from "../choices.ts";
import { createRateCounters } from "./rateCounters.ts";

const TIMES = { periodMs: 10_000, mitigationMs: 30_000 };

describe("fixed windows", () => {
  it("count from the first request and start over after the period", () => {
    const counters = createRateCounters(TIMES, resolveChoices());
    const seen = [5000, 5001, 14_999, 15_000, 15_001].map((at) => counters.add("a", 1, at));
    expect(seen).toEqual([1, 2, 3, 1, 2]);
    expect([counters.peek("a", 24_999), counters.peek("a", 25_000), counters.peek("b", 0)]).toEqual([
      2, 0, 0,
    ]);
  });

  it("drop what has expired when something new comes", () => {
    const counters = createRateCounters(TIMES, resolveChoices());
    for (let index = 0; index < 1000; index++) counters.add(`key ${index}`, 1, index);
    expect(counters.size()).toBe(1000);
    counters.add("late", 1, 10_500);
    expect(counters.size()).toBe(500);
  });

  it("forget the oldest above the bound", () => {
    const counters = createRateCounters(TIMES, resolveChoices({ rateMaxCounters: 3 }));
    for (const key of ["a", "b", "c", "d"]) counters.add(key, 1, 0);
    expect(["a", "b", "c", "d"].map((key) => counters.peek(key, 0))).toEqual([0, 1, 1, 1]);
  });
});

describe("sliding windows", () => {
  it("weigh the period before by what is left of it", () => {
    const counters = createRateCounters(TIMES, resolveChoices({ rateWindow: "sliding" }));
    counters.add("a", 8, 10_000);
    expect([19_999, 20_000, 25_000, 29_000, 30_000].map((at) => counters.peek("a", at))).toEqual([
      8,
      8,
      4,
      8 * (1 - 0.9),
      0,
    ]);
    expect(counters.add("a", 1, 25_000)).toBe(5);
    expect(counters.add("a", 1, 25_000)).toBe(6);
    expect(counters.size()).toBe(1);
    counters.add("b", 1, 45_000);
    expect(counters.size()).toBe(1);
  });
});

describe("mitigation", () => {
  it("lasts its time and starts with a fresh counter", () => {
    const counters = createRateCounters(TIMES, resolveChoices());
    counters.add("a", 5, 0);
    counters.mitigate("a", 1000);
    expect(counters.peek("a", 1000)).toBe(0);
    expect([1000, 30_999, 31_000].map((at) => counters.mitigated("a", at))).toEqual([true, true, false]);
    expect(counters.size()).toBe(0);
  });

  it("is over when reset", () => {
    const counters = createRateCounters(TIMES, resolveChoices());
    counters.mitigate("a", 0);
    counters.reset("a");
    expect(counters.mitigated("a", 0)).toBe(false);
  });

  it("drops what is over when something new comes", () => {
    const counters = createRateCounters(TIMES, resolveChoices());
    for (let index = 0; index < 100; index++) counters.mitigate(`key ${index}`, index);
    counters.mitigate("late", 30_050);
    expect(counters.size()).toBe(50);
  });
});
