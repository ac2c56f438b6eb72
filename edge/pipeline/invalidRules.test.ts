import { describe, expect, it } from "vitest";
import { CUSTOM_RULES, enforce, get, rule, ruleset, testEdge, ZONE_ID } from "../testing.ts";

describe("a rule put in by hand that does not compile", () => {
  it.each([
    ["an expression that does not parse", ruleset(CUSTOM_RULES, [rule("bad", "http.host eq")])],
    ["an expression of a wrong type", ruleset(CUSTOM_RULES, [rule("bad", "http.host")])],
    [
      "a characteristic",
      ruleset("http_ratelimit", [
        rule("bad", "true", {
          ratelimit: { characteristics: ["nonsense("], period: 10, requests_per_period: 1 },
        }),
      ]),
    ],
    [
      "a header's value",
      ruleset("http_request_late_transform", [
        rule("bad", "true", {
          action: "rewrite",
          action_parameters: { headers: { "x-a": { operation: "set", expression: "concat(" } } },
        }),
      ]),
    ],
  ])("never matches and leaves one event: %s", async (_, broken) => {
    const { edge } = testEdge();
    enforce(edge, broken);
    for (let index = 0; index < 3; index++) {
      const { status, verdict } = await edge.handle(get("/"));
      expect([status, verdict.hits]).toEqual([200, []]);
    }
    expect(edge.events.query()).toMatchObject([
      { action: "invalid", phase: broken.phase, ref: "bad", path: "/" },
    ]);
  });

  it("leaves the other rules in force, and is reported again when anything changes", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("bad", "http.host eq"), rule("good", "true")]));
    expect((await edge.handle(get("/"))).verdict.decidedBy?.ref).toBe("good");
    enforce(edge, ruleset(CUSTOM_RULES, [rule("bad", "http.host eq")]));
    expect((await edge.handle(get("/"))).status).toBe(200);
    expect(edge.events.query({ action: "invalid" })).toHaveLength(2);
  });

  it("is passed over among token rules", async () => {
    const { edge } = testEdge();
    const host = "api.example.com";
    const more = {
      title: "",
      description: "",
      action: "block",
      enabled: true,
      created_at: "",
      last_updated: "",
    } as const;
    const selector = { include: [{ host: [host] }] };
    edge.world.commitZone(ZONE_ID, "operations", [
      { operation_id: "op", method: "GET", host, endpoint: "/", last_updated: "" },
    ]);
    edge.world.commitZone(ZONE_ID, "tokenRules", [
      { ...more, id: "bad", expression: "is_jwt_valid(", selector },
      { ...more, id: "good", expression: "false", selector },
    ]);
    expect((await edge.handle(get("/"))).verdict.decidedBy?.ruleId).toBe("good");
    expect(edge.events.query({ action: "invalid" })).toMatchObject([
      { ruleId: "bad", source: "apishieldtokenvalidation" },
    ]);
  });
});

it("an unknown choice of the language is refused at once", () => {
  expect(() => testEdge({ language: { hmacPlus: "tab" as "plus" } })).toThrow(
    new RangeError("tab is no value of the choice hmacPlus"),
  );
});
