import { describe, expect, test } from "vitest";
import { createApi } from "./api.ts";
import { ApiError, type ErrorName, errorTable, problem } from "./errors.ts";
import { type Answer, accountId, anyToken, createTestApi, zoneId } from "./testing.ts";
import { es256, weakRsa } from "./tokenValidation/testKeys.ts";

const zone = `/zones/${zoneId}`;
const account = `/accounts/${accountId}`;
const config = `${zone}/token_validation/config`;
const custom = `${zone}/rulesets/phases/http_request_firewall_custom/entrypoint`;
const block = { action: "block", expression: "ssl" };

/** Sends requests one after the other to a fresh API; answers the last answer. */
async function last(
  requests: readonly (readonly [method: string, path: string, body?: unknown])[],
  limits: Readonly<Record<string, number>> = {},
): Promise<Answer> {
  const { send } = createTestApi({ limits });
  let answer: Answer | undefined;
  for (const [method, path, body] of requests) {
    const id = answer?.json?.result?.id ?? "";
    answer = await send(method, path.replace("{id}", id), body);
  }
  if (answer === undefined) throw new RangeError("no request was sent");
  return answer;
}

function configuration(more: Record<string, unknown> = {}) {
  return {
    title: "t",
    description: "",
    token_sources: ['http.request.headers["authorization"][0]'],
    token_type: "JWT",
    credentials: { keys: [es256("a")] },
    ...more,
  };
}

function keySet(keys: readonly unknown[]): Promise<Answer> {
  return last([["POST", config, configuration({ credentials: { keys } })]]);
}

const tokenRule = (more: Record<string, unknown> = {}) => ({
  title: "t",
  description: "",
  action: "log",
  enabled: true,
  expression: "ssl",
  selector: {},
  ...more,
});

/** For each row of the table one way to get it. */
const provoked: Readonly<Record<ErrorName, () => Promise<Answer>>> = {
  badAuthorizationHeader: () => createTestApi().send("GET", "/zones", undefined, { authorization: "x" }),
  badAuthorizationFormat: async () => {
    const answer = await createTestApi().send("GET", "/zones", undefined, { authorization: "x" });
    return { ...answer, json: { errors: answer.json.errors[0].error_chain } };
  },
  authentication: () => createTestApi({}, { tokens: {} }).send("GET", "/zones"),
  permission: () => createTestApi({}, { tokens: { [anyToken]: { permissions: [] } } }).send("GET", "/zones"),
  foreignZone: () =>
    createTestApi({}, { tokens: { [anyToken]: { permissions: "all", zones: [] } } }).send("GET", zone),
  tooManyRequests: () => createTestApi({}, { requestsPerFiveMinutes: 0 }).send("GET", "/zones"),
  rulesetBusy: async () => {
    const { send } = createTestApi();
    const [, second] = await Promise.all([send("PUT", custom, {}), send("PUT", custom, {})]);
    return second;
  },
  noRoute: () => last([["GET", "/nowhere"]]),
  wrongMethod: () => last([["DELETE", "/zones"]]),
  badIdentifier: () => last([["GET", "/zones/x/rulesets"]]),
  notFound: () => last([["GET", `${zone}/rulesets/x`]]),
  unexpected: async () => {
    const { world } = createTestApi();
    const broken = createApi({
      ...world,
      commitZone: () => {
        throw new TypeError("a text that stays inside");
      },
    });
    const request = new Request(`http://edge.test/client/v4${custom}`, {
      method: "PUT",
      headers: { authorization: "Bearer t" },
      body: "{}",
    });
    const { status, headers, ...answer } = await broken.fetch(request).then(async (response) => ({
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    }));
    expect(answer.text).not.toContain("stays inside");
    expect(headers.get("x-should-retry")).toBe("false");
    return { status, headers, ...answer, json: JSON.parse(answer.text) };
  },
  invalidJson: () => last([["POST", config, "{"]]),
  bodyTooLarge: () => last([["POST", config, " ".repeat(64 * 1024 + 1)]]),
  bodyTooMany: () => last([["PUT", custom, `{"rules":[${"1,".repeat(50_000)}1]}`]]),
  moreProblems: async () => {
    const answer = await last([["PUT", custom, { rules: Array.from({ length: 60 }, () => 1) }]]);
    return { ...answer, json: { errors: answer.json.errors.slice(-1) } };
  },
  bodyTooDeep: () => last([["POST", config, "[".repeat(65) + "]".repeat(65)]]),
  invalidMember: () => last([["POST", config, {}]]),
  invalidQuery: () => last([["GET", `${config}?page=0`]]),
  invalidForm: () => last([["PUT", `${account}/workers/scripts/w`, {}]]),
  notEntitled: () => createTestApi({ plan: "free", addOns: [] }).send("GET", config),
  planTooLow: () => createTestApi({ plan: "free" }).send("GET", `${account}/rulesets`),
  tooMany: () => last([["POST", config, configuration()]], { configurationsPerZone: 0 }),
  weakKey: () => keySet([weakRsa("w")]),
  doubledKey: () => keySet([es256("a"), es256("a")]),
  secretMissing: () => keySet([{ kty: "oct", alg: "HS256", kid: "a" }]),
  badTokenSource: () => last([["POST", config, configuration({ token_sources: ["x"] })]]),
  unknownOperation: () => last([["DELETE", `${zone}/api_gateway/operations`, [{ operation_id: "x" }]]]),
  badPosition: () =>
    last([
      ["POST", `${zone}/token_validation/rules`, tokenRule()],
      ["PATCH", `${zone}/token_validation/rules/{id}`, { position: { index: 9 } }],
    ]),
  tooManyEntryPoints: () => {
    const body = { kind: "zone", name: "n", phase: "http_ratelimit" };
    return last([
      ["POST", `${zone}/rulesets`, body],
      ["POST", `${zone}/rulesets`, body],
    ]);
  },
  invalidExpression: () => last([["PUT", custom, { rules: [{ ...block, expression: "x" }] }]]),
  invalidValue: () => last([["PUT", custom, { rules: [{ ...block, action: "x" }] }]]),
  missingMember: () =>
    last([["PUT", `${zone}/rulesets/phases/http_ratelimit/entrypoint`, { rules: [block] }]]),
  doubledRef: () => {
    const rule = { ...block, ref: "r" };
    return last([["PUT", custom, { rules: [rule, rule] }]]);
  },
  noEntryPoint: () => last([["GET", custom]]),
  currentVersion: () =>
    last([
      ["PUT", custom, {}],
      ["DELETE", `${zone}/rulesets/{id}/versions/1`],
    ]),
  storeNotEmpty: async () => {
    const { send } = createTestApi();
    const stores = `${account}/secrets_store/stores`;
    const { id } = (await send("POST", stores, { name: "s" })).json.result;
    await send("POST", `${stores}/${id}/secrets`, [{ name: "a", value: "v", scopes: [] }]);
    return send("DELETE", `${stores}/${id}`);
  },
  doubledName: () =>
    last([
      ["POST", `${account}/storage/kv/namespaces`, { title: "a" }],
      ["POST", `${account}/storage/kv/namespaces`, { title: "a" }],
    ]),
  valueTooLong: () =>
    last([
      ["POST", `${account}/storage/kv/namespaces`, { title: "a" }],
      ["PUT", `${account}/storage/kv/namespaces/{id}/values/${"k".repeat(513)}`, "v"],
    ]),
  inUse: async () => {
    const { send } = createTestApi();
    const list = (await send("POST", `${account}/rules/lists`, { name: "a", kind: "ip" })).json.result.id;
    await send("PUT", custom, { rules: [{ ...block, expression: "ip.src in $a" }] });
    return send("DELETE", `${account}/rules/lists/${list}`);
  },
};

describe("every row of the error table is reached", () => {
  test.each(Object.entries(provoked))("%s", async (name, provoke) => {
    const row = errorTable[name as ErrorName];
    const answer = await provoke();
    expect(answer.status).toBe(row.status);
    expect(answer.json.errors[0].code).toBe(row.code);
    const pattern = row.message.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^]*");
    expect(answer.json.errors[0].message).toMatch(new RegExp(`^${pattern}$`));
  });
});

test("a code of our own never looks like one of Cloudflare's", () => {
  for (const row of Object.values(errorTable)) {
    expect(row.source.length).toBeGreaterThan(5);
    expect(row.asOf).toBe("2026-11");
    if (row.code >= 190_000) expect(row.knowledge).toBe("chosen");
  }
});

test("a template keeps what it has no value for; the error carries every problem", () => {
  expect(problem("notFound", {}).message).toBe("{what} not found");
  const error = new ApiError([problem("invalidJson"), problem("notFound", { what: "x" })]);
  expect(error.message).toBe("6007: Malformed JSON in request body; 10007: x not found");
});
