import Cloudflare, { APIConnectionError } from "cloudflare";
import { describe, expect, it } from "vitest";
import { NoAnswerError } from "../index.ts";
import { CUSTOM_RULES, rule, ruleset, START_MS, testEdge, ZONE_ID } from "../testing.ts";

const BASE = "https://api.cloudflare.com/client/v4";
const ENTRY = `/zones/${ZONE_ID}/rulesets/phases/${CUSTOM_RULES}/entrypoint`;

function made() {
  const { clock, edge } = testEdge();
  const call = (method: string, path: string, body?: unknown, init: RequestInit = {}) =>
    edge.fetch(`${BASE}${path}`, {
      method,
      headers: { authorization: "Bearer test", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init,
    });
  const put = (...refs: readonly string[]) =>
    call("PUT", ENTRY, { rules: refs.map((ref) => ({ ref, action: "block", expression: "ssl" })) });
  const stored = () => edge.world.zone(ZONE_ID).rulesets.flatMap(({ rules }) => rules.map(({ ref }) => ref));
  return { clock, edge, call, put, stored };
}

async function refsOf(response: Response): Promise<string[]> {
  const { result } = (await response.json()) as { result: { rules: { ref: string }[] } };
  return result.rules.map((each) => each.ref);
}

describe("status", () => {
  it("answers in the API's envelope and nothing takes effect", async () => {
    const { edge, put, stored } = made();
    edge.faults.add({ kind: "status", status: 429, retryAfter: 7, shouldRetry: false, nth: 1 });
    const refused = await put("a");
    expect([
      refused.status,
      refused.headers.get("retry-after"),
      refused.headers.get("x-should-retry"),
      refused.headers.get("date"),
    ]).toEqual([429, "7", "false", "Sun, 22 Nov 2026 00:00:00 GMT"]);
    expect(await refused.json()).toEqual({
      success: false,
      errors: [{ code: 10429, message: "fault on demand: 429" }],
      messages: [],
      result: null,
    });
    expect(stored()).toEqual([]);
    expect((await put("a")).status).toBe(200);
  });

  it("is retried by the official SDK unless x-should-retry says no", async () => {
    const { edge } = made();
    const client = new Cloudflare({ apiToken: "test", maxRetries: 1, fetch: edge.fetch as typeof fetch });
    edge.faults.add({ kind: "status", status: 503, retryAfter: 0, nth: 1 });
    await client.rulesets.list({ zone_id: ZONE_ID });
    expect(edge.faults.calls.map(({ faults, status }) => [faults, status])).toEqual([
      [["status"], 503],
      [[], 200],
    ]);
    edge.faults.add({ kind: "status", status: 503, shouldRetry: false });
    await expect(client.rulesets.list({ zone_id: ZONE_ID })).rejects.toMatchObject({ status: 503 });
    expect(edge.faults.calls).toHaveLength(3);
  });
});

describe("permission loss", () => {
  it("answers 403 until it is taken back", async () => {
    const { edge, call } = made();
    const giveBack = edge.faults.add({ kind: "permissionLoss", path: "/rulesets" });
    const refused = await call("GET", `/zones/${ZONE_ID}/rulesets`);
    expect([refused.status, ((await refused.json()) as { errors: unknown }).errors]).toEqual([
      403,
      [{ code: 10000, message: "Authentication error" }],
    ]);
    giveBack();
    expect((await call("GET", `/zones/${ZONE_ID}/rulesets`)).status).toBe(200);
  });
});

describe("answers that never arrive", () => {
  it("timeout: nothing takes effect, and the client's minute passes", async () => {
    const { clock, edge, put, stored } = made();
    edge.faults.add({ kind: "timeout", method: "put", nth: 1 });
    const failure = await put("a").catch((error: unknown) => error);
    expect(failure).toEqual(new TypeError("fetch failed", { cause: new NoAnswerError("timeout") }));
    expect((failure as Error).cause).toMatchObject({ code: "EDGE_NO_ANSWER", fault: "timeout" });
    expect([stored(), clock.now() - START_MS]).toEqual([[], 60_000]);
    expect(edge.faults.calls).toMatchObject([
      { n: 1, method: "PUT", faults: ["timeout"], status: undefined },
    ]);
  });

  it("lostAnswer: the write took effect", async () => {
    const { clock, edge, put, stored } = made();
    edge.faults.add({ kind: "lostAnswer", method: "PUT", path: /entrypoint$/, nth: 1, afterMs: 5000 });
    await expect(put("a")).rejects.toThrow("fetch failed");
    expect([stored(), clock.now() - START_MS]).toEqual([["a"], 5000]);
  });

  it("becomes the SDK's connection error", async () => {
    const { edge } = made();
    const client = new Cloudflare({ apiToken: "test", maxRetries: 0, fetch: edge.fetch as typeof fetch });
    edge.faults.add({ kind: "lostAnswer" });
    await expect(client.rulesets.list({ zone_id: ZONE_ID })).rejects.toBeInstanceOf(APIConnectionError);
  });

  it("hang: until the caller gives up", async () => {
    const { edge, call, stored } = made();
    edge.faults.add({ kind: "lostAnswer", hang: true });
    const caller = new AbortController();
    const pending = call("PUT", ENTRY, { rules: [] }, { signal: caller.signal });
    const outcome = Promise.race([
      pending,
      new Promise((resolve) => setImmediate(() => resolve("still waiting"))),
    ]);
    expect(await outcome).toBe("still waiting");
    caller.abort(new Error("gave up"));
    await expect(pending).rejects.toThrow("gave up");
    expect(stored()).toEqual([]);
    expect(edge.world.zone(ZONE_ID).rulesets).toHaveLength(1);
  });
});

it("droppedKey: answers as always and keeps one key fewer", async () => {
  const { edge, call } = made();
  const oct = (kid: string) => ({ kty: "oct", alg: "HS256", kid, k: "A".repeat(43) });
  const configuration = {
    title: "t",
    description: "",
    token_type: "JWT",
    token_sources: ['http.request.headers["authorization"][0]'],
    credentials: { keys: [oct("k1")] },
  };
  const created = await call("POST", `/zones/${ZONE_ID}/token_validation/config`, configuration);
  const { result } = (await created.json()) as { result: { id: string } };
  edge.faults.add({ kind: "droppedKey", method: "PUT", nth: 1 });
  const path = `/zones/${ZONE_ID}/token_validation/config/${result.id}/credentials`;
  expect((await call("PUT", path, { keys: [oct("k1"), oct("k2")] })).status).toBe(200);
  const kids = () => edge.world.zone(ZONE_ID).tokenConfigurations[0]?.keys.map(({ kid }) => kid);
  expect(kids()).toEqual(["k1"]);
  await call("PUT", path, { keys: [oct("k1"), oct("k2")] });
  expect(kids()).toEqual(["k1", "k2"]);
});

describe("slow answers", () => {
  it("take effect at once and arrive later", async () => {
    const { clock, edge, put } = made();
    edge.faults.add({ kind: "slowAnswer", ms: 12_000 });
    let committedAt = 0;
    edge.world.onCommit((commit) => {
      committedAt = commit.at;
    });
    expect((await put("a")).status).toBe(200);
    expect([committedAt - START_MS, clock.now() - START_MS]).toEqual([0, 12_000]);
  });
});

describe("stale reads", () => {
  it("do not see the last change of a part, and writes are not affected", async () => {
    const { edge, call, put } = made();
    await put("a");
    await put("a", "b");
    await put("a", "b", "c");
    const remove = edge.faults.add({ kind: "staleRead", path: "entrypoint" });
    expect(await refsOf(await call("GET", ENTRY))).toEqual(["a", "b"]);
    expect(await refsOf(await put("a", "b", "c", "d"))).toEqual(["a", "b", "c", "d"]);
    expect(await refsOf(await call("GET", ENTRY))).toEqual(["a", "b", "c"]);
    remove();
    edge.faults.add({ kind: "staleRead", versions: 2, nth: 2 });
    expect(await refsOf(await call("GET", ENTRY))).toEqual(["a", "b", "c", "d"]);
    expect(await refsOf(await call("GET", ENTRY))).toEqual(["a", "b"]);
  });
});

describe("foreign writers", () => {
  it("write just before a call, or after its effect and before its answer", async () => {
    const { edge, call, put, stored } = made();
    const writes: string[] = [];
    const foreign = (ref: string) => () => {
      writes.push(ref);
      edge.world.commitZone(ZONE_ID, "rulesets", [ruleset(CUSTOM_RULES, [rule(ref, "ssl")])]);
    };
    edge.faults.add({ kind: "foreignWriter", when: "before", write: foreign("x"), method: "GET", times: 1 });
    expect(await refsOf(await call("GET", ENTRY))).toEqual(["x"]);
    edge.faults.add({ kind: "foreignWriter", when: "after", write: foreign("y"), method: "PUT", times: 1 });
    expect(await refsOf(await put("a"))).toEqual(["a"]);
    expect(stored()).toEqual(["y"]);
    await put("b");
    expect([stored(), writes]).toEqual([["b"], ["x", "y"]]);
  });
});

describe("matching and the log", () => {
  it("takes the nth fitting call and as many as told", async () => {
    const { edge, call } = made();
    edge.faults.add({
      kind: "status",
      status: 500,
      method: "GET",
      path: /^\/zones\/.*\/rulesets$/,
      nth: 2,
      times: 2,
    });
    const statuses = [];
    for (let index = 0; index < 5; index++)
      statuses.push((await call("GET", `/zones/${ZONE_ID}/rulesets`)).status);
    expect((await call("GET", `/zones/${ZONE_ID}/token_validation/config`)).status).toBe(200);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
  });

  it("keeps method, path and status of calls, but no body and no query", async () => {
    const { edge, call } = made();
    await call("GET", `/zones/${ZONE_ID}/rulesets?per_page=5`);
    expect(edge.faults.calls).toEqual([
      { n: 1, method: "GET", path: `/zones/${ZONE_ID}/rulesets`, faults: [], status: 200 },
    ]);
  });

  it("accepts any base address", async () => {
    const { edge } = made();
    const init = { headers: { authorization: "Bearer test" } };
    for (const base of [
      "http://127.0.0.1:8787/client/v4",
      "https://api.cloudflare.com/client/v4",
      "/client/v4",
    ]) {
      expect((await edge.fetch(`${base}/zones/${ZONE_ID}/rulesets`, init)).status).toBe(200);
    }
  });
});
