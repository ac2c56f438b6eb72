import { describe, expect, test } from "vitest";
import type { AddOn, Plan, Ruleset } from "../../world/types.ts";
import { accountId, createTestApi, given, zoneId } from "../testing.ts";

const path = `/zones/${zoneId}/rulesets/phases/http_ratelimit/entrypoint`;
const onPath = 'http.request.uri.path eq "/a"';

interface Setting {
  readonly plan?: Plan;
  readonly addOns?: readonly AddOn[];
}

function rule(ratelimit: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  return {
    action: "block",
    expression: onPath,
    ratelimit: {
      characteristics: ["cf.colo.id", "ip.src"],
      period: 10,
      requests_per_period: 5,
      mitigation_timeout: 10,
      ...ratelimit,
    },
    ...more,
  };
}

async function problemsOf(rules: readonly unknown[], setting: Setting = {}): Promise<readonly string[]> {
  const { plan = "enterprise", addOns = ["advanced_rate_limiting", "api_shield"] } = setting;
  const { send } = createTestApi({ plan, addOns });
  const answer = await send("PUT", path, { rules });
  return answer.status === 200 ? [] : answer.json.errors.map((each: { message: string }) => each.message);
}

test("the spec comes back as it was sent", async () => {
  const { client } = createTestApi();
  const sent = rule({ requests_to_origin: false, counting_expression: "" }, { description: "d" });
  const { rules } = given<Ruleset>(
    await client.rulesets.phases.update(
      "http_ratelimit",
      given({
        zone_id: zoneId,
        rules: [sent],
      }),
    ),
  );
  expect(rules[0]).toMatchObject({ ...sent, version: "1", enabled: true });
});

describe("plans", () => {
  test.each([
    ["free", 1],
    ["pro", 2],
    ["business", 5],
    ["enterprise", 100],
  ] as const)("%s has %i rules", async (plan, limit) => {
    const rules = Array.from({ length: limit }, () => rule());
    expect(await problemsOf(rules, { plan, addOns: [] })).toEqual([]);
    expect(await problemsOf([...rules, rule()], { plan, addOns: [] })).toEqual([
      `exceeded maximum number of rules in the phase http_ratelimit: ${limit + 1} out of ${limit}`,
    ]);
  });

  test.each([
    ["free", 10, 60, 10],
    ["pro", 60, 120, 60],
    ["business", 600, 3600, 600],
  ] as const)("%s has periods up to %i, not %i", async (plan, longest, tooLong, limit) => {
    expect(await problemsOf([rule({ period: longest })], { plan, addOns: [] })).toEqual([]);
    expect(await problemsOf([rule({ period: tooLong })], { plan, addOns: [] })).toEqual([
      `'${tooLong}' is not a valid value for period because the ${plan} plan allows at most ${limit} seconds`,
    ]);
  });

  test.each([
    ["free", 10, 60],
    ["pro", 3600, 86_400],
    ["business", 86_400, 86_401],
    ["enterprise", 86_400, 86_401],
  ] as const)("%s has timeouts up to %i, not %i", async (plan, longest, tooLong) => {
    expect(await problemsOf([rule({ mitigation_timeout: longest })], { plan, addOns: [] })).toEqual([]);
    expect(await problemsOf([rule({ mitigation_timeout: tooLong })], { plan, addOns: [] })).toEqual([
      `'${tooLong}' is not a valid value for mitigation_timeout because the ${plan} plan allows at most ${longest} seconds`,
    ]);
  });

  test("below Enterprise challenges throttle only and block never does", async () => {
    const setting: Setting = { plan: "business", addOns: [] };
    expect(await problemsOf([rule({ mitigation_timeout: 0 })], setting)).toEqual([
      "'0' is not a valid value for mitigation_timeout because below Enterprise the action block cannot throttle",
    ]);
    const challenge = { action: "managed_challenge" };
    expect(await problemsOf([rule({ mitigation_timeout: 60 }, challenge)], setting)).toEqual([
      "'60' is not a valid value for mitigation_timeout because below Enterprise the action managed_challenge takes 0 only",
    ]);
    expect(await problemsOf([rule({ mitigation_timeout: 0 }, challenge)], setting)).toEqual([]);
    expect(await problemsOf([rule({ mitigation_timeout: 0 })])).toEqual([]);
    expect(await problemsOf([rule({ mitigation_timeout: 77 })])).toEqual([]);
    expect(await problemsOf([rule({ mitigation_timeout: 77 })], setting)).toEqual([
      "'77' is not a valid value for mitigation_timeout because it must be one of 0, 10, 60, 120, 300, 600, 3600, 86400",
    ]);
  });

  test("a counting expression needs Business and may read the response", async () => {
    const counting = rule({ counting_expression: "http.response.code eq 401" });
    expect(await problemsOf([counting], { plan: "business", addOns: [] })).toEqual([]);
    const other = rule({ counting_expression: onPath });
    expect(await problemsOf([other], { plan: "pro", addOns: [] })).toEqual([
      "a counting expression is not available on the pro plan",
    ]);
    const [message] = await problemsOf([rule({}, { expression: "http.response.code eq 401" })]);
    expect(message).toContain("FIELD_NOT_AVAILABLE");
  });

  test("a score needs Advanced Rate Limiting", async () => {
    const score = rule({
      requests_per_period: undefined,
      score_per_period: 100,
      score_response_header_name: "x-score",
    });
    expect(await problemsOf([score])).toEqual([]);
    expect(await problemsOf([score], { addOns: [] })).toEqual([
      "a score (Advanced Rate Limiting) is not available on the enterprise plan",
    ]);
    expect(await problemsOf([rule({ requests_per_period: undefined })])).toEqual([
      "requests_per_period is required",
    ]);
  });
});

describe("periods", () => {
  test("six values", async () => {
    for (const period of [10, 60, 120, 300, 600, 3600])
      expect(await problemsOf([rule({ period })])).toEqual([]);
    expect(await problemsOf([rule({ period: 900 })])).toEqual([
      "'900' is not a valid value for period because it must be one of 10, 60, 120, 300, 600, 3600",
    ]);
  });
});

describe("characteristics", () => {
  test("cf.colo.id is mandatory; one kind of visitor", async () => {
    expect(await problemsOf([rule({ characteristics: ["ip.src"] })])).toEqual([
      "characteristic cf.colo.id is required",
    ]);
    const both = ["cf.colo.id", "ip.src", "cf.unique_visitor_id"];
    expect(await problemsOf([rule({ characteristics: both })])).toEqual([
      "'cf.unique_visitor_id' is not a valid value for characteristics because it excludes ip.src",
    ]);
  });

  test.each([
    'http.request.headers["x-api-key"]',
    'http.request.cookies["session"]',
    'http.request.uri.args["key"]',
    "http.host",
    "ip.src.country",
    'lookup_json_string(http.request.jwt.claims["4a7ee8d3-dd63-4ceb-9d5f-c27831854ce7"][0], "sub")',
  ])("%s needs Advanced Rate Limiting", async (characteristic) => {
    const characteristics = ["cf.colo.id", characteristic];
    expect(await problemsOf([rule({ characteristics })])).toEqual([]);
    const [message] = await problemsOf([rule({ characteristics })], { addOns: ["api_shield"] });
    expect(message).toContain("NOT_AVAILABLE");
  });

  test("maps take no index and header names are lower case", async () => {
    const of = (characteristic: string) => rule({ characteristics: ["cf.colo.id", characteristic] });
    expect(await problemsOf([of('http.request.headers["x"][0]')])).toEqual([
      `'http.request.headers["x"][0]' is not a valid value for characteristics because a map is named without index: http.request.headers["x"]`,
    ]);
    const [message] = await problemsOf([of('http.request.headers["X"]')]);
    expect(message).toContain("header names are lower case");
    expect((await problemsOf([of("nonsense(")])).length).toBe(1);
  });
});

test("custom lists count all requests and read no response", async () => {
  const { send, world } = createTestApi();
  world.commitAccount(accountId, "lists", [{ id: "1", name: "office", kind: "ip", items: [] }]);
  const pointersOf = async (spec: Record<string, unknown>, expression = "ip.src in $office") => {
    const answer = await send("PUT", path, { rules: [rule(spec, { expression })] });
    return (answer.json.errors ?? []).map((each: { source: { pointer: string } }) => each.source.pointer);
  };
  const base = "/rules/0/ratelimit";
  const counting_expression = "http.response.code eq 401";
  expect(await pointersOf({})).toEqual([]);
  expect(await pointersOf({ requests_to_origin: false })).toEqual([]);
  expect(await pointersOf({ requests_to_origin: true, counting_expression })).toEqual([
    `${base}/requests_to_origin`,
    `${base}/counting_expression`,
  ]);
  expect(await pointersOf({ requests_to_origin: true, counting_expression }, onPath)).toEqual([]);
  const counted = `ip.src in $office and ${counting_expression}`;
  expect(await pointersOf({ counting_expression: counted }, onPath)).toEqual([`${base}/counting_expression`]);
});

test("a rate limit belongs to its phase, and its phase wants one", async () => {
  expect(await problemsOf([{ action: "block", expression: onPath }])).toEqual(["ratelimit is required"]);
  const { send } = createTestApi();
  const custom = path.replace("http_ratelimit", "http_request_firewall_custom");
  const answer = await send("PUT", custom, { rules: [rule()] });
  expect(answer.json.errors[0].message).toBe(
    "'ratelimit' is not a valid value for ratelimit because only rules of the phase http_ratelimit have one",
  );
});

test("a reply may have 30 KB here", async () => {
  const reply = (length: number) =>
    rule(
      {},
      {
        action_parameters: {
          response: { status_code: 429, content: "x".repeat(length), content_type: "text/plain" },
        },
      },
    );
  expect(await problemsOf([reply(30_720)])).toEqual([]);
  expect(await problemsOf([reply(30_721)])).toEqual(["content has 30721 bytes, at most 30720 are allowed"]);
});
