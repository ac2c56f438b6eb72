import { describe, expect, it } from "vitest";
import type { EdgeOptions } from "../index.ts";
import {
  CONFIGURATION,
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  enforceInAccount,
  get,
  rule,
  ruleset,
  testEdge,
  token,
  ZONE_ID,
} from "../testing.ts";
import type { RateLimitSpec, RulesetRule } from "../world/types.ts";

const PHASE = "http_ratelimit";
const SPEC: RateLimitSpec = {
  characteristics: ["cf.colo.id", "ip.src"],
  period: 10,
  requests_per_period: 2,
  mitigation_timeout: 60,
};

function limited(
  spec: Partial<RateLimitSpec> = {},
  more: Partial<RulesetRule> = {},
  expression = "true",
  options: Partial<EdgeOptions> = {},
) {
  const made = testEdge(options);
  enforce(
    made.edge,
    ruleset(PHASE, [rule("limit", expression, { ratelimit: { ...SPEC, ...spec }, ...more })]),
  );
  const statuses = async (count: number, request = get("/"), visitor = {}) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push((await made.edge.handle(request, visitor)).status);
    return seen;
  };
  return { ...made, statuses };
}

describe("counting", () => {
  it("acts when the counter is greater than the limit, then for the mitigation time", async () => {
    const { clock, edge, statuses } = limited();
    expect(await statuses(3)).toEqual([200, 200, 429]);
    clock.advance(59_999);
    expect(await statuses(1)).toEqual([429]);
    clock.advance(1);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    const response = await edge.handle(get("/"));
    expect(response.headers).toContainEqual(["retry-after", "60"]);
    expect(response.verdict.decidedBy).toMatchObject({ phase: PHASE, ref: "limit", action: "block" });
    expect(edge.events.query({ source: "ratelimit" })).toHaveLength(4);
  });

  it("throttles with a mitigation timeout of 0: only what is over the limit of the period", async () => {
    const { clock, statuses } = limited({ mitigation_timeout: 0 });
    expect(await statuses(3)).toEqual([200, 200, 429]);
    clock.advance(9_999);
    expect(await statuses(1)).toEqual([429]);
    clock.advance(1);
    expect(await statuses(2)).toEqual([200, 200]);
  });

  it("keeps a counter for each combination of values and each point of presence", async () => {
    const { statuses } = limited(
      { characteristics: ["cf.colo.id", "ip.src", 'http.request.headers["x-key"]'] },
      {},
      "true",
      {
        pops: [
          { name: "AMS", lag: () => 0 },
          { name: "SYD", lag: () => 0 },
        ],
      },
    );
    expect(await statuses(3, get("/", ["X-Key", "a"]))).toEqual([200, 200, 429]);
    expect(await statuses(1, get("/", ["X-Key", "b"]))).toEqual([200]);
    expect(await statuses(1, get("/", ["X-Key", "a"]), { ip: "192.0.2.2" })).toEqual([200]);
    expect(await statuses(1, get("/", ["X-Key", "a"]), { pop: "SYD" })).toEqual([200]);
    expect(await statuses(1, get("/", ["X-Key", "a"], ["X-Key", "b"]))).toEqual([200]);
  });

  it("counts missing values together, apart from the empty value", async () => {
    const { statuses } = limited({ characteristics: ["cf.colo.id", 'http.request.headers["x-key"]'] });
    expect(await statuses(2, get("/"), { ip: "192.0.2.1" })).toEqual([200, 200]);
    expect(await statuses(1, get("/"), { ip: "192.0.2.2" })).toEqual([429]);
    expect(await statuses(1, get("/", ["x-key", ""]))).toEqual([200]);
  });

  it("counts by a claim, bad tokens on one counter of their own", async () => {
    const sub = `lookup_json_string(http.request.jwt.claims["${CONFIGURATION_ID}"][0], "sub")`;
    const { edge, statuses } = limited({ characteristics: ["cf.colo.id", sub] });
    edge.world.commitZone(ZONE_ID, "tokenConfigurations", [CONFIGURATION]);
    const as = (name: string, key?: Buffer) => get("/", ["authorization", token({ sub: name }, key)]);
    expect(await statuses(3, as("alice"))).toEqual([200, 200, 429]);
    expect(await statuses(1, as("bob"))).toEqual([200]);
    const foreign = Buffer.alloc(32, 9);
    expect(await statuses(2, as("alice", foreign))).toEqual([200, 200]);
    expect(await statuses(1, as("bob", foreign))).toEqual([429]);
    expect(await statuses(1, get("/"))).toEqual([429]);
  });

  it("does not count what custom rules blocked", async () => {
    const { edge, statuses } = limited();
    const [limit] = edge.world.zone(ZONE_ID).rulesets;
    enforce(edge, limit!, ruleset(CUSTOM_RULES, [rule("no", 'http.request.uri.path eq "/no"')]));
    expect(await statuses(5, get("/no"))).toEqual([403, 403, 403, 403, 403]);
    expect(await statuses(2)).toEqual([200, 200]);
  });

  it("counts by a counting expression, which does not inherit the rule's own", async () => {
    const { statuses } = limited(
      { counting_expression: 'http.request.method eq "POST"' },
      {},
      'http.request.uri.path eq "/a"',
    );
    const post = { ...get("/elsewhere"), method: "POST" };
    expect(await statuses(5, get("/a"))).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(3, post)).toEqual([200, 200, 200]);
    expect(await statuses(1, get("/a"))).toEqual([429]);
    expect(await statuses(1, post)).toEqual([200]);
  });

  it("counts answers after they came: limit 1, two pass, the next is blocked", async () => {
    const { clock, statuses } = limited(
      { counting_expression: "http.response.code eq 400", requests_per_period: 1 },
      {},
      "true",
      { origin: ({ path }) => ({ status: path === "/bad" ? 400 : 200 }) },
    );
    expect(await statuses(3, get("/good"))).toEqual([200, 200, 200]);
    expect(await statuses(3, get("/bad"))).toEqual([400, 400, 429]);
    expect(await statuses(1, get("/good"))).toEqual([429]);
    clock.advance(60_000);
    expect(await statuses(1, get("/good"))).toEqual([200]);
  });

  it("counts only what reaches the origin with requests_to_origin", async () => {
    const { statuses } = limited({ requests_to_origin: true }, {}, "true", {
      origin: () => ({ status: 200, headers: [["cache-control", "max-age=1000"]] }),
    });
    expect(await statuses(5, get("/a.css"))).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(2, get("/api"))).toEqual([200, 429]);
  });

  it("adds the origin's score and ignores scores out of range", async () => {
    const scores = ["5", "0", "1000001", "x", "5", "1"];
    const { statuses } = limited(
      { score_per_period: 10, score_response_header_name: "X-Score" },
      {},
      "true",
      { origin: () => ({ status: 200, headers: [["x-score", scores.shift() ?? "0"]] }) },
    );
    expect(await statuses(7)).toEqual([200, 200, 200, 200, 200, 200, 429]);
    scores.push("1000000");
    expect(await statuses(2, get("/"), { ip: "192.0.2.2" })).toEqual([200, 429]);
  });
});

describe("account-level rulesets", () => {
  it("count in custom rulesets that the entry point executes, on arrival and later", async () => {
    const { edge } = testEdge({ origin: ({ path }) => ({ status: path === "/bad" ? 400 : 200 }) });
    const limit = (ref: string, more: Partial<RateLimitSpec>) =>
      rule(ref, "true", { ratelimit: { ...SPEC, ...more } });
    const execute = rule("run", 'http.host eq "api.example.com"', {
      action: "execute",
      action_parameters: { id: "custom" },
    });
    enforceInAccount(
      edge,
      ruleset(PHASE, [execute], { id: "root", kind: "root" }),
      ruleset(
        PHASE,
        [
          limit("arrival", { requests_per_period: 4 }),
          limit("answer", { requests_per_period: 1, counting_expression: "http.response.code eq 400" }),
        ],
        { id: "custom", kind: "custom" },
      ),
    );
    const decided = async (path: string, ip: string) =>
      (await edge.handle(get(path), { ip })).verdict.decidedBy?.ref;
    const seen = [];
    for (let index = 0; index < 5; index++) seen.push(await decided("/good", "192.0.2.1"));
    for (let index = 0; index < 3; index++) seen.push(await decided("/bad", "192.0.2.2"));
    const none = undefined;
    expect(seen).toEqual([none, none, none, none, "arrival", none, none, "answer"]);
  });
});

describe("actions", () => {
  it("log lets everything through", async () => {
    const { edge, statuses } = limited({}, { action: "log" });
    expect(await statuses(5)).toEqual([200, 200, 200, 200, 200]);
    expect(edge.events.query({ action: "log", source: "ratelimit" })).toHaveLength(3);
  });

  it("a passed challenge resets the counter", async () => {
    const { edge, statuses } = limited({}, { action: "managed_challenge" });
    expect(await statuses(3)).toEqual([200, 200, 403]);
    const cookie = edge.issueClearance(ZONE_ID, "192.0.2.1");
    expect(await statuses(1, get("/", ["cookie", cookie]))).toEqual([200]);
    expect(await statuses(3)).toEqual([200, 200, 403]);
  });

  it("a custom reply goes before the default page", async () => {
    const { edge } = limited(
      { requests_per_period: 0 },
      {
        action_parameters: {
          response: { status_code: 418, content: '{"error":"slow down"}', content_type: "application/json" },
        },
      },
    );
    expect(await edge.handle(get("/"))).toMatchObject({ status: 418, body: '{"error":"slow down"}' });
  });
});

describe("memory and changes", () => {
  it("holds no more counters than the bound", async () => {
    const { edge } = limited({}, {}, "true", { choices: { rateMaxCounters: 100 } });
    for (let index = 0; index < 500; index++)
      await edge.handle(get("/"), { ip: `198.51.${index >> 8}.${index & 255}` });
    expect(edge.counters()).toBe(100);
  });

  it("forgets counters when the rule changes, unless chosen otherwise", async () => {
    for (const [rateCounterReset, status] of [
      ["onChange", 200],
      ["never", 429],
    ] as const) {
      const { edge, statuses } = limited({}, {}, "true", { choices: { rateCounterReset } });
      expect(await statuses(2)).toEqual([200, 200]);
      enforce(edge, ruleset(PHASE, [rule("limit", "true", { version: "2", ratelimit: SPEC })]));
      expect(await statuses(1)).toEqual([status]);
    }
  });

  it("keeps them when another rule changes", async () => {
    const { edge, statuses } = limited();
    expect(await statuses(2)).toEqual([200, 200]);
    const [entry] = edge.world.zone(ZONE_ID).rulesets;
    const other = rule("other", "false", { ratelimit: SPEC });
    enforce(edge, { ...entry!, version: "2", rules: [...entry!.rules, other] });
    expect(await statuses(1)).toEqual([429]);
  });
});
