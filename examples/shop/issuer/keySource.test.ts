import { describe, expect, it } from "vitest";
import { cachedKeySource, type KeySource } from "./keySource.ts";

const key = (kid: string) => ({ internal: { kty: "oct", kid } });

/** A source that counts its reads and does what it is told, under a clock that only the test moves. */
function setUp() {
  const state = { reads: 0, seconds: 0, answer: async (): Promise<ReturnType<typeof key>> => key("k1") };
  const source: KeySource = () => {
    state.reads += 1;
    return state.answer();
  };
  const cached = cachedKeySource(source, () => new Date(state.seconds * 1000), {
    freshSeconds: 30,
    staleSeconds: 300,
  });
  return { state, cached };
}

describe("cachedKeySource", () => {
  it("asks again once the keys are 30 s old", async () => {
    const { state, cached } = setUp();
    await cached();
    state.seconds = 29;
    state.answer = async () => key("k2");
    expect(await cached()).toEqual(key("k1"));
    state.seconds = 30;
    expect(await cached()).toEqual(key("k2"));
    expect(state.reads).toBe(2);
  });

  it("shares one read among concurrent calls", async () => {
    const { state, cached } = setUp();
    expect(await Promise.all([cached(), cached(), cached()])).toEqual([key("k1"), key("k1"), key("k1")]);
    expect(state.reads).toBe(1);
  });

  it("goes on with old keys while the source fails, then signs nothing any more", async () => {
    const { state, cached } = setUp();
    await cached();
    state.answer = () => Promise.reject(new Error("backend down"));
    state.seconds = 299;
    expect(await cached()).toEqual(key("k1"));
    state.seconds = 300;
    await expect(cached()).rejects.toThrow("backend down");
    state.answer = async () => key("k2");
    expect(await cached()).toEqual(key("k2"));
  });

  it("counts the age from the beginning of a read", async () => {
    const { state, cached } = setUp();
    state.answer = async () => {
      state.seconds = 20;
      return key("k1");
    };
    await cached();
    state.seconds = 31;
    await cached();
    expect(state.reads).toBe(2);
  });
});
