import { describe, expect, it } from "vitest";
import type { Choices } from "../choices.ts";
import {
  CONFIGURATION,
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  get,
  rule,
  ruleset,
  testEdge,
  token,
  ZONE_ID,
} from "../testing.ts";
import type { Operation, TokenRule } from "../world/types.ts";

const HOST = "api.example.com";
const VALID = `is_jwt_valid("${CONFIGURATION_ID}")`;
const PRESENT = `is_jwt_present("${CONFIGURATION_ID}")`;

function operation(method: string, endpoint: string, host = HOST): Operation {
  return { operation_id: `${method} ${endpoint}`, method, host, endpoint, last_updated: "" };
}

function tokenRule(id: string, expression: string, more: Partial<TokenRule> = {}): TokenRule {
  return {
    id,
    title: id,
    description: "",
    action: "block",
    enabled: true,
    expression,
    selector: { include: [{ host: [HOST] }] },
    created_at: "",
    last_updated: "",
    ...more,
  };
}

function edgeWith(
  operations: readonly Operation[],
  rules: readonly TokenRule[],
  choices: Partial<Choices> = {},
) {
  const { edge } = testEdge({ choices });
  edge.world.commitZone(ZONE_ID, "tokenConfigurations", [CONFIGURATION]);
  edge.world.commitZone(ZONE_ID, "operations", operations);
  edge.world.commitZone(ZONE_ID, "tokenRules", rules);
  return edge;
}

const good: [string, string] = ["authorization", `Bearer ${token({ sub: "alice" })}`];
const bad: [string, string] = ["authorization", `Bearer ${token({ sub: "alice" }, Buffer.alloc(32, 9))}`];

describe("effect", () => {
  it("fires when the expression is false, and only on saved operations", async () => {
    const edge = edgeWith([operation("GET", "/orders")], [tokenRule("valid", VALID)]);
    expect((await edge.handle(get("/orders", good))).status).toBe(200);
    expect((await edge.handle(get("/orders"))).status).toBe(403);
    expect((await edge.handle(get("/other"))).status).toBe(200);
    const refused = await edge.handle(get("/orders", bad));
    expect(refused.status).toBe(403);
    expect(refused.verdict.decidedBy).toEqual({
      phase: "http_request_api_gateway_late",
      action: "block",
      scope: "zone",
      ruleId: "valid",
      description: "valid",
    });
    expect(edge.events.query({ ruleId: "valid" }).at(-1)).toMatchObject({
      source: "apishieldtokenvalidation",
      service: "API Shield - Token Validation",
      status: 403,
      tokens: [{ configuration: CONFIGURATION_ID, valid: false, problem: "badSignature" }],
    });
  });

  it.each([
    ["valid if present", `${VALID} or not ${PRESENT}`, [200, 200, 403]],
    ["present", PRESENT, [200, 403, 200]],
    ["valid", VALID, [200, 403, 403]],
    ["preflight excepted", `${VALID} or http.request.method eq "GET"`, [200, 200, 200]],
  ])("policy: %s", async (_name, expression, expected) => {
    const edge = edgeWith([operation("GET", "/")], [tokenRule("policy", expression)]);
    const statuses = [];
    for (const headers of [[good], [], [bad]])
      statuses.push((await edge.handle(get("/", ...headers))).status);
    expect(statuses).toEqual(expected);
  });

  it("log lets the request through and leaves an event", async () => {
    const edge = edgeWith([operation("GET", "/")], [tokenRule("log", VALID, { action: "log" })]);
    const response = await edge.handle(get("/"));
    expect([response.status, response.verdict.hits.map((hit) => hit.ruleId)]).toEqual([200, ["log"]]);
    expect(edge.events.query({ action: "log" })).toHaveLength(1);
  });

  it("comes after custom rules and rate limits", async () => {
    const edge = edgeWith([operation("GET", "/")], [tokenRule("valid", VALID)]);
    const spec = { characteristics: ["cf.colo.id", "ip.src"], period: 10, requests_per_period: 1 };
    enforce(edge, ruleset("http_ratelimit", [rule("limit", "true", { ratelimit: spec })]));
    expect((await edge.handle(get("/"))).verdict.decidedBy?.ruleId).toBe("valid");
    expect((await edge.handle(get("/"))).verdict.decidedBy?.ruleId).toBe("limit");
    enforce(edge, ruleset(CUSTOM_RULES, [rule("custom", "true")]));
    expect((await edge.handle(get("/"))).verdict.decidedBy?.ruleId).toBe("custom");
  });

  it("is gone with the configuration: nothing is valid, nothing present", async () => {
    const edge = edgeWith([operation("GET", "/")], [tokenRule("valid", VALID)]);
    edge.world.commitZone(ZONE_ID, "tokenConfigurations", []);
    expect((await edge.handle(get("/", good))).status).toBe(403);
  });
});

describe("one rule per operation", () => {
  const log = tokenRule("log", VALID, { action: "log" });
  const block = tokenRule("block", VALID);

  it("is the first of the list, or the last if chosen so", async () => {
    const operations = [operation("GET", "/")];
    expect((await edgeWith(operations, [log, block]).handle(get("/"))).status).toBe(200);
    expect((await edgeWith(operations, [block, log]).handle(get("/"))).status).toBe(403);
    expect(
      (await edgeWith(operations, [log, block], { tokenRulePrecedence: "last" }).handle(get("/"))).status,
    ).toBe(403);
  });

  it("hides a later rule even where its own expression holds", async () => {
    const edge = edgeWith([operation("GET", "/")], [tokenRule("any", PRESENT), block]);
    expect((await edge.handle(get("/", bad))).status).toBe(200);
  });

  it("passes over disabled rules and those that exclude the operation", async () => {
    const operations = [operation("GET", "/"), operation("GET", "/health")];
    const excluding = tokenRule("log", VALID, {
      action: "log",
      selector: { include: [{ host: [HOST] }], exclude: [{ operation_ids: ["GET /"] }] },
    });
    expect((await edgeWith(operations, [excluding, block]).handle(get("/"))).status).toBe(403);
    expect((await edgeWith(operations, [excluding, block]).handle(get("/health"))).status).toBe(200);
    expect((await edgeWith(operations, [{ ...log, enabled: false }, block]).handle(get("/"))).status).toBe(
      403,
    );
  });

  it("covers only hosts that it includes", async () => {
    const elsewhere = tokenRule("valid", VALID, { selector: { include: [{ host: ["other.example.com"] }] } });
    expect((await edgeWith([operation("GET", "/")], [elsewhere]).handle(get("/"))).status).toBe(200);
    const empty = tokenRule("valid", VALID, { selector: {} });
    expect((await edgeWith([operation("GET", "/")], [empty]).handle(get("/"))).status).toBe(200);
    const everywhere = edgeWith([operation("GET", "/")], [empty], { emptySelector: "everything" });
    expect((await everywhere.handle(get("/"))).status).toBe(403);
  });
});

describe("host variables in selectors", () => {
  it.each([
    ["{hostVar1}.example.com", {}, 403],
    ["{tenant}.Example.com", {}, 403],
    ["api.example.com", {}, 200],
    ["api.example.com", { selectorHostVariable: "requestHost" }, 403],
    ["www.example.com", { selectorHostVariable: "requestHost" }, 200],
  ] as const)("%s, %j", async (host, choices, status) => {
    const covering = tokenRule("valid", VALID, { selector: { include: [{ host: [host] }] } });
    const saved = operation("GET", "/", "{hostVar1}.example.com");
    expect((await edgeWith([saved], [covering], choices).handle(get("/"))).status).toBe(status);
  });
});

describe("matching operations", () => {
  const refusedBy = async (
    operations: readonly Operation[],
    path: string,
    more: { method?: string; host?: string } = {},
    choices: Partial<Choices> = {},
  ) => {
    const hosts = [...new Set(operations.map((saved) => saved.host))];
    const edge = edgeWith(
      operations,
      [tokenRule("r", "false", { selector: { include: [{ host: hosts }] } })],
      choices,
    );
    const url = `https://${more.host ?? HOST}${path}`;
    return (await edge.handle({ method: more.method ?? "GET", url })).status === 403;
  };

  it.each([
    ["/users/{var1}", "/users/7", true],
    ["/users/{var1}", "/users/", false],
    ["/users/{var1}", "/users/7/orders", false],
    ["/users/{var1}/orders/{var2}", "/users/7/orders/9", true],
    ["/users/{var1}", "/users/a%2Fb", true],
    ["/users/{var1}", "/USERS/7", false],
    ["/v{var1}/a", "/v2/a", true],
    ["/a", "/a/", false],
    ["/a.b", "/axb", false],
    ["/a", "/a?x=1", true],
    ["/a", "//a", true],
  ])("%s against %s: %s", async (endpoint, path, expected) => {
    expect(await refusedBy([operation("GET", endpoint)], path)).toBe(expected);
  });

  it("matches method and host", async () => {
    const saved = [operation("GET", "/a")];
    expect(await refusedBy(saved, "/a", { method: "POST" })).toBe(false);
    expect(await refusedBy(saved, "/a", { host: "www.example.com" })).toBe(false);
    expect(await refusedBy(saved, "/a", { host: "API.example.com" })).toBe(true);
    expect(await refusedBy([operation("GET", "/a", "{hostVar1}.example.com")], "/a")).toBe(true);
    expect(
      await refusedBy([operation("GET", "/a", "{hostVar1}.example.com")], "/a", { host: "a.b.example.com" }),
    ).toBe(false);
  });

  it("follows the choices for HEAD and trailing slashes", async () => {
    const saved = [operation("GET", "/a")];
    expect(await refusedBy(saved, "/a", { method: "HEAD" })).toBe(false);
    expect(await refusedBy(saved, "/a", { method: "HEAD" }, { operationHead: "asGet" })).toBe(true);
    expect(await refusedBy(saved, "/a/", {}, { operationTrailingSlash: "ignored" })).toBe(true);
  });

  it("takes the most literal of several, or the one saved first if chosen so", async () => {
    const saved = [operation("GET", "/users/{var1}"), operation("GET", "/users/me")];
    const rules = [
      tokenRule("template", "false", {
        action: "log",
        selector: { include: [{ host: [HOST] }], exclude: [{ operation_ids: ["GET /users/me"] }] },
      }),
      tokenRule("literal", "false"),
    ];
    const hitOn = async (choices: Partial<Choices>) =>
      (await edgeWith(saved, rules, choices).handle(get("/users/me"))).verdict.hits.map((hit) => hit.ruleId);
    expect(await hitOn({})).toEqual(["literal"]);
    expect(await hitOn({ operationOverlap: "firstSaved" })).toEqual(["template"]);
  });
});

describe("violations without a rule", () => {
  it("leave an event, unless some configuration's token was valid or chosen otherwise", async () => {
    const edge = edgeWith([], []);
    await edge.handle(get("/", good));
    await edge.handle(get("/"));
    expect(edge.events.query()).toEqual([]);
    await edge.handle(get("/", bad));
    expect(edge.events.query()).toMatchObject([
      { source: "apishieldtokenvalidation", action: "log", tokens: [{ problem: "badSignature" }] },
    ]);
    const silent = edgeWith([], [], { violationWithoutRule: "none" });
    await silent.handle(get("/", bad));
    expect(silent.events.query()).toEqual([]);
  });
});
