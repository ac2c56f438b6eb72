import { describe, expect, test } from "vitest";
import type { AddOn, Plan } from "../../world/types.ts";
import { createTestApi, zoneId } from "../testing.ts";

const path = `/zones/${zoneId}/rulesets`;

interface Setting {
  readonly plan?: Plan;
  readonly addOns?: readonly AddOn[];
  readonly phase?: string;
}

/** Messages of a PUT of these rules, without the code; empty when it is accepted. */
async function problemsOf(rules: readonly unknown[], setting: Setting = {}): Promise<readonly string[]> {
  const { plan = "enterprise", addOns = ["advanced_rate_limiting"] } = setting;
  const { phase = "http_request_firewall_custom" } = setting;
  const { send } = createTestApi({ plan, addOns });
  const answer = await send("PUT", `${path}/phases/${phase}/entrypoint`, { rules });
  if (answer.status === 200) return [];
  expect(answer.status).toBe(400);
  return answer.json.errors.map((each: { message: string }) => each.message);
}

const block = (more: Record<string, unknown> = {}) => ({ action: "block", expression: "ssl", ...more });

describe("expressions", () => {
  test("a real answer quotes the expression, so ours does too, with a caret under the place", async () => {
    const { send } = createTestApi();
    const expression = 'http.hst eq "a" and is_timed_hmac_valid_v0("secret", http.request.uri, 60, 1)';
    const answer = await send("PUT", `${path}/phases/http_request_firewall_custom/entrypoint`, {
      rules: [block(), block({ expression })],
    });
    const [error] = answer.json.errors;
    expect(error.code).toBe(20127);
    expect(error.source).toEqual({ pointer: "/rules/1/expression" });
    expect(error.message.startsWith(`'${expression}' is not a valid value for expression because`)).toBe(
      true,
    );
    expect(error.message).toContain("1:1 UNKNOWN_FIELD");
    expect(error.message).toContain("^^^^^^^^");
  });

  test("4,096 characters, not more, and a zone's own limit", async () => {
    const of = (length: number) => `http.host eq "${"a".repeat(length - 'http.host eq ""'.length)}"`;
    expect(await problemsOf([block({ expression: of(4096) })])).toEqual([]);
    const [message] = await problemsOf([block({ expression: of(4097) })]);
    expect(message).toContain("EXPRESSION_TOO_LONG");
    const { send } = createTestApi({ limits: { expressionLength: 20 } });
    const answer = await send("PUT", `${path}/phases/http_request_firewall_custom/entrypoint`, {
      rules: [block({ expression: of(21) })],
    });
    expect(answer.json.errors[0].message).toContain("EXPRESSION_TOO_LONG");
  });

  test.each([
    ["free", 'http.request.cookies["a"][0] eq "b"', "FIELD_NOT_AVAILABLE"],
    ["pro", 'http.host matches "a"', "OPERATOR_NOT_AVAILABLE"],
    ["business", 'http.request.body.raw contains "a"', "FIELD_NOT_AVAILABLE"],
    ["enterprise", 'is_jwt_valid("a")', "FUNCTION_NOT_AVAILABLE"],
    ["enterprise", 'any(split(http.host, ".", 3)[*] eq "a")', "FUNCTION_NOT_AVAILABLE"],
    ["enterprise", 'sha256(http.host) eq "a"', "FUNCTION_NOT_AVAILABLE"],
    ["enterprise", "cf.bot_management.score lt 30", "FIELD_NOT_AVAILABLE"],
    ["enterprise", 'any(http.host eq "a" or ssl)', "UNEXPECTED_TOKEN"],
    ["enterprise", "ip.src in $unknown", "UNKNOWN_LIST"],
    ["enterprise", "http.host", "RESULT_TYPE"],
    ["enterprise", "", "EXPRESSION_EMPTY"],
  ] as const)("plan %s, %s: %s", async (plan, expression, code) => {
    const [message] = await problemsOf([block({ expression })], { plan, addOns: [] });
    expect(message).toContain(code);
  });
});

test("split is refused in rate limits and taken in response header transforms and custom errors", async () => {
  const { send } = createTestApi();
  const expression = 'any(split(http.request.uri.path, "/", 4)[*] eq "a")';
  const put = (phase: string, rule: object) =>
    send("PUT", `${path}/phases/${phase}/entrypoint`, { rules: [{ expression, ...rule }] });
  const ratelimit = { characteristics: ["cf.colo.id", "ip.src"], period: 60, requests_per_period: 5 };
  const refused = await put("http_ratelimit", { action: "block", ratelimit });
  expect(refused.json.errors[0].message).toContain(
    "FUNCTION_NOT_AVAILABLE: split is available only in response header transform rules and custom error rules",
  );
  const headers = { "x-a": { operation: "set", value: "b" } };
  const rewrite = { action: "rewrite", action_parameters: { headers } };
  expect((await put("http_request_late_transform", rewrite)).status).toBe(400);
  expect((await put("http_response_headers_transform", rewrite)).status).toBe(200);
  const error = { content: "no", content_type: "text/plain", status_code: 500 };
  expect((await put("http_custom_errors", { action: "serve_error", action_parameters: error })).status).toBe(
    200,
  );
});

describe("actions", () => {
  test("each phase has its own", async () => {
    expect(await problemsOf([block({ action: "rewrite" })])).toEqual([
      "'rewrite' is not a valid value for action because the phase http_request_firewall_custom takes block, challenge, js_challenge, managed_challenge, log, skip, execute",
    ]);
    expect(
      await problemsOf([block({ action: "nonsense" })], { phase: "http_request_late_transform" }),
    ).toEqual([
      "'nonsense' is not a valid value for action because the phase http_request_late_transform takes rewrite",
    ]);
  });

  test.each(["free", "pro", "business"] as const)("log needs Enterprise, not %s", async (plan) => {
    expect(await problemsOf([block({ action: "log" })], { plan })).toEqual([
      `the action log is not available on the ${plan} plan`,
    ]);
    expect(await problemsOf([block({ action: "log" })])).toEqual([]);
  });

  const reply = (more: Record<string, unknown> = {}) =>
    block({
      action_parameters: {
        response: { status_code: 401, content: "{}", content_type: "application/json", ...more },
      },
    });

  test("a block response: all members, status 400 to 499, type, size, plan", async () => {
    expect(await problemsOf([reply()])).toEqual([]);
    expect(await problemsOf([block({ action_parameters: {} })])).toEqual([]);
    expect(await problemsOf([reply({ status_code: 500 })])).toEqual([
      "action_parameters.response.status_code: Too big: expected number to be <=499",
    ]);
    expect(
      await problemsOf([reply({ status_code: 399, content_type: "image/png", content: undefined })]),
    ).toEqual([
      "action_parameters.response.status_code: Too small: expected number to be >=400",
      "action_parameters.response.content: Invalid input: expected string, received undefined",
      'action_parameters.response.content_type: Invalid option: expected one of "text/html"|"text/plain"|"application/json"|"text/xml"',
    ]);
    expect(await problemsOf([reply({ content: "é".repeat(1024) })])).toEqual([]);
    expect(await problemsOf([reply({ content: "é".repeat(1025) })])).toEqual([
      "content has 2050 bytes, at most 2048 are allowed",
    ]);
    expect(await problemsOf([reply()], { plan: "free" })).toEqual([
      "a custom block response is not available on the free plan",
    ]);
    expect(await problemsOf([reply()], { plan: "pro" })).toEqual([]);
  });

  test.each([
    [{ ruleset: "current" }, []],
    [{ phase: "current" }, []],
    [{ phases: ["http_ratelimit", "http_request_sbfm", "http_request_firewall_managed"] }, []],
    [{ products: ["waf", "bic"] }, []],
    [{ rules: { abc: ["def"] } }, []],
    [{}, ["action_parameters: must say what to skip"]],
    [
      { phases: ["http_request_api_gateway_late"] },
      [
        'action_parameters.phases.0: Invalid option: expected one of "http_ratelimit"|"http_request_sbfm"|"http_request_firewall_managed"',
      ],
    ],
    [{ phases: ["http_ratelimit"], rulesets: ["current"] }, ["action_parameters: phases excludes rulesets"]],
  ])("skip %j", async (parameters, problems) => {
    expect(await problemsOf([block({ action: "skip", action_parameters: parameters })])).toEqual(problems);
  });

  test("phase: current is for custom rules of a zone", async () => {
    const rule = block({ action: "skip", action_parameters: { phase: "current" } });
    expect(await problemsOf([rule], { phase: "http_request_firewall_managed" })).toEqual([
      "'current' is not a valid value for phase because only custom rules of a zone can skip their phase",
    ]);
  });

  test("execute names a ruleset that exists", async () => {
    const id = "f".repeat(32);
    expect(await problemsOf([block({ action: "execute", action_parameters: { id } })])).toEqual([
      `'${id}' is not a valid value for id because there is no custom ruleset of this phase with this id`,
    ]);
    expect(await problemsOf([block({ action: "execute" })])).toEqual([
      "action_parameters.id: Invalid input: expected string, received undefined",
    ]);
  });

  test("dynamic values are checked as values", async () => {
    const set = (expression: string) => ({
      action: "rewrite",
      expression: "ssl",
      action_parameters: { headers: { "x-sub": { operation: "set", expression } } },
    });
    const phase = "http_request_late_transform";
    expect(await problemsOf([set("lower(http.host)")], { phase })).toEqual([]);
    const [message] = await problemsOf([set("len(http.host)")], { phase });
    expect(message).toContain("RESULT_TYPE");
    const both = { operation: "set", value: "a", expression: "http.host" };
    const rule = { action: "rewrite", expression: "ssl", action_parameters: { headers: { a: both } } };
    expect((await problemsOf([rule], { phase })).length).toBe(1);
  });

  test("redirects and custom errors", async () => {
    const redirect = (from_value: unknown) => ({
      action: "redirect",
      expression: "ssl",
      action_parameters: { from_value },
    });
    const phase = "http_request_dynamic_redirect";
    const target_url = { value: "https://example.com/" };
    expect(await problemsOf([redirect({ target_url, status_code: 301 })], { phase })).toEqual([]);
    expect((await problemsOf([redirect({ target_url, status_code: 200 })], { phase })).length).toBe(1);
    const serve = (status_code: number) => ({
      action: "serve_error",
      expression: "http.response.code eq 500",
      action_parameters: { content: "x", content_type: "text/plain", status_code },
    });
    expect(await problemsOf([serve(500)], { phase: "http_custom_errors" })).toEqual([]);
    expect((await problemsOf([serve(399)], { phase: "http_custom_errors" })).length).toBe(1);
  });
});

describe("counts", () => {
  const many = (count: number) => Array.from({ length: count }, () => block());

  test.each([
    ["free", 5],
    ["pro", 20],
    ["business", 100],
    ["enterprise", 1000],
  ] as const)("custom rules on %s: %i", async (plan, limit) => {
    expect(await problemsOf(many(limit), { plan })).toEqual([]);
    expect(await problemsOf(many(limit + 1), { plan })).toEqual([
      `exceeded maximum number of rules in the phase http_request_firewall_custom: ${limit + 1} out of ${limit}`,
    ]);
  });

  test("entry point and custom rulesets count together", async () => {
    const { send } = createTestApi({ plan: "free" });
    const phase = "http_request_firewall_custom";
    await send("POST", path, { kind: "custom", name: "c", phase, rules: many(3) });
    const entry = `${path}/phases/${phase}/entrypoint`;
    expect((await send("PUT", entry, { rules: many(2) })).status).toBe(200);
    expect((await send("PUT", entry, { rules: many(3) })).status).toBe(400);
  });

  test.each([
    ["free", 1],
    ["pro", 2],
    ["business", 5],
    ["enterprise", 10],
  ] as const)("zone custom rulesets on %s: %i", async (plan, limit) => {
    const { send } = createTestApi({ plan });
    const body = { kind: "custom", name: "c", phase: "http_request_firewall_custom" };
    for (let index = 0; index < limit; index += 1) expect((await send("POST", path, body)).status).toBe(200);
    expect((await send("POST", path, body)).json.errors).toEqual([
      {
        code: 190102,
        message: `exceeded maximum number of custom rulesets: ${limit + 1} out of ${limit}`,
        source: { pointer: "/kind" },
      },
    ]);
  });

  test("a phase without custom rulesets", async () => {
    const { send } = createTestApi();
    const answer = await send("POST", path, { kind: "custom", name: "c", phase: "http_request_transform" });
    expect(answer.json.errors[0].message).toBe(
      "'custom' is not a valid value for kind because the phase http_request_transform has no custom rulesets",
    );
    const nowhere = await send("POST", path, { kind: "managed", name: "c", phase: "nowhere" });
    expect(nowhere.json.errors.map((each: { message: string }) => each.message)).toEqual([
      "'managed' is not a valid value for kind because zone rulesets have the kind zone or custom",
      "'nowhere' is not a valid value for phase because there is no such phase",
    ]);
  });
});

test.each(["constructor", "__proto__", "toString"])("the action %s is none", async (action) => {
  expect(await problemsOf([block({ action })])).toEqual([
    `'${action}' is not a valid value for action because the phase http_request_firewall_custom takes block, challenge, js_challenge, managed_challenge, log, skip, execute`,
  ]);
});

describe("values of transforms", () => {
  const rewrite = (action_parameters: unknown) => [
    { action: "rewrite", expression: "ssl", action_parameters },
  ];
  const late = { phase: "http_request_late_transform" };

  test("a header may be set to an address, a path may not", async () => {
    const header = { headers: { "x-client": { operation: "set", expression: "ip.src" } } };
    expect(await problemsOf(rewrite(header), late)).toEqual([]);
    const path = { uri: { path: { expression: "ip.src" } } };
    const [problem] = await problemsOf(rewrite(path), { phase: "http_request_transform" });
    expect(problem).toContain("RESULT_TYPE: the expression yields IP; expected String");
  });

  test("a header may not be set to a number", async () => {
    const header = { headers: { "x-time": { operation: "set", expression: "http.request.timestamp.sec" } } };
    const [problem] = await problemsOf(rewrite(header), late);
    expect(problem).toContain("the expression yields Integer; expected String or IP");
  });
});

test("the response phase of the cache takes set_cache_settings", async () => {
  const rule = { action: "set_cache_settings", expression: "ssl", action_parameters: { strip_etags: true } };
  expect(await problemsOf([rule], { phase: "http_response_cache_settings" })).toEqual([]);
});
