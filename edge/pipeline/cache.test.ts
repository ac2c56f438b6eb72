import { describe, expect, it } from "vitest";
import { CUSTOM_RULES, enforce, get, rule, ruleset, testEdge } from "../testing.ts";
import type { HeaderPair } from "./request.ts";

/** An edge before an origin that numbers its answers. */
function counting(headers: readonly HeaderPair[] = [["cache-control", "max-age=60"]]) {
  let answers = 0;
  const made = testEdge({ origin: () => ({ status: 200, headers, body: String(++answers) }) });
  const bodies = async (...requests: readonly ReturnType<typeof get>[]) => {
    const seen = [];
    for (const request of requests) seen.push((await made.edge.handle(request)).body);
    return seen;
  };
  return { ...made, bodies };
}

function cacheRule(parameters: Record<string, unknown>) {
  return ruleset("http_request_cache_settings", [
    rule("cache", "true", { action: "set_cache_settings", action_parameters: parameters }),
  ]);
}

describe("the edge cache", () => {
  it("keeps known extensions as long as the origin says, per point of presence", async () => {
    const { clock, edge, bodies } = counting();
    expect(await bodies(get("/a.css"), get("/a.css"), get("/api"), get("/api"))).toEqual([
      "1",
      "1",
      "2",
      "3",
    ]);
    const hit = await edge.handle(get("/a.css"));
    expect(hit.verdict.outcome).toBe("cache");
    expect(hit.headers).toContainEqual(["cf-cache-status", "HIT"]);
    clock.advance(60_000);
    expect(await bodies(get("/a.css"))).toEqual(["4"]);
  });

  it("is asked only after the security phases", async () => {
    const { edge, bodies } = counting();
    expect(await bodies(get("/a.css"))).toEqual(["1"]);
    enforce(edge, ruleset(CUSTOM_RULES, [rule("no", 'not http.cookie contains "ok"')]));
    expect((await edge.handle(get("/a.css"))).status).toBe(403);
    expect(await bodies(get("/a.css", ["cookie", "ok"]))).toEqual(["1"]);
  });

  it("keeps one entry for each query, unless a rule takes the token out of the key", async () => {
    const { edge, bodies } = counting();
    const signed = [get("/a.jpg?w=1&verify=1"), get("/a.jpg?w=1&verify=2"), get("/a.jpg?w=2&verify=1")];
    expect(await bodies(...signed)).toEqual(["1", "2", "3"]);
    const custom = (query: unknown) => ({ cache_key: { custom_key: { query_string: query } } });
    enforce(edge, cacheRule(custom({ exclude: { list: ["verify"] } })));
    expect(await bodies(...signed)).toEqual(["4", "4", "5"]);
    enforce(edge, cacheRule(custom({ include: { list: ["verify"] } })));
    expect(await bodies(get("/b.jpg?verify=1"), get("/b.jpg?x=1&verify=1"))).toEqual(["6", "6"]);
    enforce(edge, cacheRule(custom({ exclude: { all: true } })));
    expect(await bodies(get("/c.jpg?a=1"), get("/c.jpg?a=2"))).toEqual(["7", "7"]);
  });

  it("follows cache rules: eligible, bypassed, time to live", async () => {
    const { clock, edge, bodies } = counting([["cache-control", "no-store"]]);
    enforce(edge, cacheRule({ cache: true, edge_ttl: { mode: "override_origin", default: 10 } }));
    expect(await bodies(get("/api"), get("/api"))).toEqual(["1", "1"]);
    clock.advance(10_000);
    expect(await bodies(get("/api"))).toEqual(["2"]);
    enforce(edge, cacheRule({ cache: false }));
    expect(await bodies(get("/api"), get("/a.css"), get("/a.css"))).toEqual(["3", "4", "5"]);
  });

  it.each([
    ["no-store", [["cache-control", "no-store, max-age=60"]]],
    ["private", [["Cache-Control", "Private"]]],
    ["a cookie", [["Set-Cookie", "a=b"]]],
    ["max-age=0", [["cache-control", "max-age=0"]]],
  ] as const)("keeps nothing with %s", async (_name, headers) => {
    const { bodies } = counting(headers);
    expect(await bodies(get("/a.css"), get("/a.css"))).toEqual(["1", "2"]);
  });

  it("keeps answers to requests with Authorization only if the origin allows it", async () => {
    const request = get("/a.css", ["authorization", "x"]);
    expect(await counting().bodies(request, request)).toEqual(["1", "2"]);
    expect(await counting([["cache-control", "public, max-age=60"]]).bodies(request, request)).toEqual([
      "1",
      "1",
    ]);
  });

  it("keeps only successful answers to GET and HEAD", async () => {
    const { bodies } = counting();
    const post = { ...get("/a.css"), method: "POST" };
    expect(await bodies(post, post)).toEqual(["1", "2"]);
    let answers = 0;
    const { edge } = testEdge({ origin: () => ({ status: 404, body: String(++answers) }) });
    await edge.handle(get("/a.css"));
    expect((await edge.handle(get("/a.css"))).body).toBe("2");
  });
});
