import { describe, expect, it } from "vitest";
import {
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  enforceInAccount,
  get,
  rule,
  ruleset,
  testEdge,
  ZONE_ID,
} from "../testing.ts";

const ON_PATH = (path: string) => `http.request.uri.path eq "${path}"`;

describe("skip", () => {
  const skip = (parameters: Record<string, unknown>, more = {}) =>
    rule("skip", ON_PATH("/health"), { action: "skip", action_parameters: parameters, ...more });

  it("passes over the remaining rules of its ruleset", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [skip({ ruleset: "current" }), rule("no", "true")]));
    const health = await edge.handle(get("/health"));
    expect(health.status).toBe(200);
    expect(health.verdict.hits.map((hit) => hit.action)).toEqual(["skip"]);
    expect((await edge.handle(get("/other"))).status).toBe(403);
  });

  it("in a custom ruleset returns to the one that executed it, unless it skips the phase", async () => {
    const { edge } = testEdge();
    const execute = rule("run", "true", { action: "execute", action_parameters: { id: "custom" } });
    const custom = (parameters: Record<string, unknown>) =>
      ruleset(CUSTOM_RULES, [skip(parameters), rule("inner", "true")], { id: "custom", kind: "custom" });
    enforce(edge, ruleset(CUSTOM_RULES, [execute, rule("outer", "true")]), custom({ ruleset: "current" }));
    expect((await edge.handle(get("/health"))).verdict.decidedBy?.ref).toBe("outer");
    enforce(edge, ruleset(CUSTOM_RULES, [execute, rule("outer", "true")]), custom({ phase: "current" }));
    expect((await edge.handle(get("/health"))).status).toBe(200);
  });

  it("passes over rulesets and single rules by id", async () => {
    const { edge } = testEdge();
    const custom = ruleset(CUSTOM_RULES, [rule("inner", "true")], { id: "custom", kind: "custom" });
    const execute = rule("run", "true", { action: "execute", action_parameters: { id: "custom" } });
    enforce(edge, custom, ruleset(CUSTOM_RULES, [skip({ rulesets: ["custom"] }), execute]));
    expect((await edge.handle(get("/health"))).status).toBe(200);
    enforce(edge, custom, ruleset(CUSTOM_RULES, [skip({ rules: { custom: ["inner"] } }), execute]));
    expect((await edge.handle(get("/health"))).status).toBe(200);
    expect((await edge.handle(get("/"))).status).toBe(403);
  });

  const limits = ruleset("http_ratelimit", [
    rule("limit", "true", {
      ratelimit: { characteristics: ["cf.colo.id", "ip.src"], period: 10, requests_per_period: 1 },
    }),
  ]);

  it.each([
    ["the phase", { phases: ["http_ratelimit"] }, {}, [200, 200, 200]],
    ["the old product", { products: ["waf", "rateLimit"] }, {}, [200, 200, 200]],
    ["another product", { products: ["waf", "bic"] }, {}, [200, 429, 429]],
    ["the old product", { products: ["rateLimit"] }, { skipProductRateLimit: "oldProduct" }, [200, 429, 429]],
  ] as const)("passes over rate limits by %s (%j, %j)", async (_, parameters, choices, expected) => {
    const { edge } = testEdge({ choices });
    enforce(edge, ruleset(CUSTOM_RULES, [skip(parameters)]), limits);
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await edge.handle(get("/health"))).status);
    expect(statuses).toEqual(expected);
  });

  it("never passes over token rules, whatever it names", async () => {
    const { edge } = testEdge();
    const host = "api.example.com";
    edge.world.commitZone(ZONE_ID, "operations", [
      { operation_id: "op", method: "GET", host, endpoint: "/health", last_updated: "" },
    ]);
    edge.world.commitZone(ZONE_ID, "tokenRules", [
      {
        id: "token",
        title: "",
        description: "",
        action: "block",
        enabled: true,
        expression: `is_jwt_valid("${CONFIGURATION_ID}")`,
        selector: { include: [{ host: [host] }] },
        created_at: "",
        last_updated: "",
      },
    ]);
    const everything = {
      phases: ["http_ratelimit", "http_request_api_gateway_late"],
      products: ["bic", "hot", "rateLimit", "securityLevel", "uaBlock", "waf", "zoneLockdown"],
      rulesets: ["token"],
      rules: { token: ["token"] },
    };
    enforce(edge, ruleset(CUSTOM_RULES, [skip(everything)]));
    const refused = await edge.handle(get("/health"));
    expect([refused.status, refused.verdict.decidedBy?.ruleId]).toEqual([403, "token"]);
  });

  it("of the account reaches the zone's rules of a phase as the choice says", async () => {
    const parameters = { phases: [CUSTOM_RULES] };
    for (const [accountSkipReach, status] of [
      ["both", 200],
      ["account", 403],
    ] as const) {
      const { edge } = testEdge({ choices: { accountSkipReach } });
      enforceInAccount(edge, ruleset(CUSTOM_RULES, [skip(parameters)], { id: "root", kind: "root" }));
      enforce(edge, ruleset(CUSTOM_RULES, [rule("no", "true")]));
      expect((await edge.handle(get("/health"))).status).toBe(status);
    }
  });

  it("leaves no event where logging is off", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [skip({ ruleset: "current" }, { logging: { enabled: false } })]));
    await edge.handle(get("/health"));
    expect(edge.events.query()).toEqual([]);
    enforce(edge, ruleset(CUSTOM_RULES, [skip({ ruleset: "current" })]));
    await edge.handle(get("/health"));
    expect(edge.events.query().map((event) => event.action)).toEqual(["skip"]);
  });
});
