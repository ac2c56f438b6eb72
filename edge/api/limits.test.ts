import { describe, expect, test } from "vitest";
import { type LimitName, limitOf, limitTable } from "./limits.ts";
import { accountId, createTestApi, zoneId } from "./testing.ts";
import { es256, rs256 } from "./tokenValidation/testKeys.ts";

const zone = `/zones/${zoneId}`;
const account = `/accounts/${accountId}`;
const rulesets = `${zone}/rulesets`;
const custom = `${rulesets}/phases/http_request_firewall_custom/entrypoint`;
const rateLimits = `${rulesets}/phases/http_ratelimit/entrypoint`;

type Requests = readonly (readonly [method: string, path: string, body?: unknown])[];

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

const rule = (more: Record<string, unknown> = {}) => ({ action: "block", expression: "ssl", ...more });
const reply = (content: string) => ({
  action_parameters: { response: { status_code: 401, content, content_type: "text/plain" } },
});
const limited = (more: Record<string, unknown> = {}, members: Record<string, unknown> = {}) =>
  rule({
    ratelimit: {
      characteristics: ["cf.colo.id", "ip.src"],
      period: 60,
      requests_per_period: 5,
      mitigation_timeout: 60,
      ...more,
    },
    ...members,
  });
const store = ["POST", `${account}/secrets_store/stores`, { name: "s" }] as const;
const secretPath = `${account}/secrets_store/stores/{id}/secrets`;
const secret = (name: string, value = "v") => ({ name, value, scopes: [] });
const namespace = ["POST", `${account}/storage/kv/namespaces`, { title: "a" }] as const;
const valuePath = `${account}/storage/kv/namespaces/{id}/values`;
const script = `${account}/workers/scripts/w`;
const upload = ["PUT", script, "upload"] as const;
const workerSecret = (name: string, text: string) => ({ name, type: "secret_text", text });

/** For each row a value to put over it, and requests of which only the last goes beyond that value. */
const cases: Readonly<Record<LimitName, readonly [value: number, requests: Requests, message: string]>> = {
  configurationsPerZone: [
    1,
    [
      ["POST", `${zone}/token_validation/config`, configuration()],
      ["POST", `${zone}/token_validation/config`, configuration()],
    ],
    "exceeded maximum number of token configurations: 2 out of 1",
  ],
  keysPerConfiguration: [
    1,
    [
      [
        "POST",
        `${zone}/token_validation/config`,
        configuration({ credentials: { keys: [es256("a"), es256("b")] } }),
      ],
    ],
    "exceeded maximum number of keys: 2 out of 1",
  ],
  tokenSources: [
    1,
    [
      [
        "POST",
        `${zone}/token_validation/config`,
        configuration({ token_sources: ['http.request.headers["a"][0]', 'http.request.headers["b"][0]'] }),
      ],
    ],
    "token_sources: Too big: expected array to have <=1 items",
  ],
  titleLength: [
    3,
    [["POST", `${zone}/token_validation/config`, configuration({ title: "long" })]],
    "title: Too big: expected string to have <=3 characters",
  ],
  descriptionLength: [
    3,
    [["POST", `${zone}/token_validation/config`, configuration({ description: "long" })]],
    "description: Too big: expected string to have <=3 characters",
  ],
  rsaModulusBits: [
    3072,
    [["POST", `${zone}/token_validation/config`, configuration({ credentials: { keys: [rs256("r")] } })]],
    "keys[0]: the modulus has 2048 bits, at least 3072 are needed",
  ],
  savedOperations: [
    1,
    [
      [
        "POST",
        `${zone}/api_gateway/operations/item`,
        { method: "GET", host: "a.example.com", endpoint: "/a" },
      ],
      [
        "POST",
        `${zone}/api_gateway/operations/item`,
        { method: "GET", host: "a.example.com", endpoint: "/b" },
      ],
    ],
    "exceeded maximum number of saved operations: 2 out of 1",
  ],
  endpointLength: [
    3,
    [
      [
        "POST",
        `${zone}/api_gateway/operations/item`,
        { method: "GET", host: "a.example.com", endpoint: "/abc" },
      ],
    ],
    "endpoint: Too big: expected string to have <=3 characters",
  ],
  customRules: [
    1,
    [
      ["PUT", custom, { rules: [rule()] }],
      ["PUT", custom, { rules: [rule(), rule()] }],
    ],
    "exceeded maximum number of rules in the phase http_request_firewall_custom: 2 out of 1",
  ],
  zoneCustomRulesets: [
    1,
    [
      ["POST", rulesets, { kind: "custom", name: "a", phase: "http_request_firewall_custom" }],
      ["POST", rulesets, { kind: "custom", name: "b", phase: "http_request_firewall_custom" }],
    ],
    "exceeded maximum number of custom rulesets: 2 out of 1",
  ],
  blockBodyBytes: [
    3,
    [
      ["PUT", custom, { rules: [rule(reply("abc"))] }],
      ["PUT", custom, { rules: [rule(reply("abcd"))] }],
    ],
    "content has 4 bytes, at most 3 are allowed",
  ],
  rateLimitBodyBytes: [
    3,
    [
      ["PUT", rateLimits, { rules: [limited({}, reply("abc"))] }],
      ["PUT", rateLimits, { rules: [limited({}, reply("abcd"))] }],
    ],
    "content has 4 bytes, at most 3 are allowed",
  ],
  rateLimitRules: [
    1,
    [
      ["PUT", rateLimits, { rules: [limited()] }],
      ["PUT", rateLimits, { rules: [limited(), limited()] }],
    ],
    "exceeded maximum number of rules in the phase http_ratelimit: 2 out of 1",
  ],
  rateLimitPeriod: [
    60,
    [
      ["PUT", rateLimits, { rules: [limited({ period: 60 })] }],
      ["PUT", rateLimits, { rules: [limited({ period: 120 })] }],
    ],
    "'120' is not a valid value for period because the enterprise plan allows at most 60 seconds",
  ],
  rateLimitTimeout: [
    60,
    [
      ["PUT", rateLimits, { rules: [limited({ mitigation_timeout: 60 })] }],
      ["PUT", rateLimits, { rules: [limited({ mitigation_timeout: 61 })] }],
    ],
    "'61' is not a valid value for mitigation_timeout because the enterprise plan allows at most 60 seconds",
  ],
  storesPerAccount: [
    2,
    [store, [store[0], store[1], { name: "t" }], [store[0], store[1], { name: "u" }]],
    "exceeded maximum number of stores: 3 out of 2",
  ],
  secretsPerAccount: [
    1,
    [store, ["POST", secretPath, [secret("a"), secret("b")]]],
    "exceeded maximum number of secrets: 2 out of 1",
  ],
  secretBytes: [
    3,
    [store, ["POST", secretPath, [secret("a", "long")]]],
    "value has 4 bytes, at most 3 are allowed",
  ],
  workerBindings: [
    1,
    [
      upload,
      ["PUT", `${script}/secrets`, workerSecret("A", "x")],
      ["PUT", `${script}/secrets`, workerSecret("B", "x")],
    ],
    "exceeded maximum number of bindings: 2 out of 1",
  ],
  workerSecretBytes: [
    3,
    [upload, ["PUT", `${script}/secrets`, workerSecret("A", "long")]],
    "binding A has 4 bytes, at most 3 are allowed",
  ],
  workerSecretsBulk: [
    1,
    [upload, ["PATCH", `${script}/secrets-bulk`, { secrets: { A: workerSecret("A", "x"), B: null } }]],
    "exceeded maximum number of secrets: 2 out of 1",
  ],
  kvKeyBytes: [3, [namespace, ["PUT", `${valuePath}/long`, "v"]], "key has 4 bytes, at most 3 are allowed"],
  kvMetadataBytes: [
    3,
    [namespace, ["PUT", `${valuePath}/k`, "metadata"]],
    "metadata has 4 bytes, at most 3 are allowed",
  ],
  requestsPerFiveMinutes: [
    0,
    [["GET", "/zones"]],
    "Rate limit exceeded: 0 requests per five minutes. Retry after 300 seconds.",
  ],
};

/** Forms are written as one word above: an empty Worker, and a value with four bytes of metadata. */
const forms: Readonly<Record<string, string>> = {
  upload: `--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--x--\r\n`,
  metadata: `--x\r\nContent-Disposition: form-data; name="value"\r\n\r\nv\r\n--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n1234\r\n--x--\r\n`,
};

describe("each limit is data: a zone's own value replaces the row", () => {
  test.each(Object.entries(cases))("%s", async (name, [value, requests, message]) => {
    const isCount = name.endsWith("PerFiveMinutes");
    const { send } = createTestApi(
      isCount ? {} : { limits: { [name]: value } },
      isCount ? { requestsPerFiveMinutes: value } : {},
    );
    let id = "";
    for (const [index, [method, path, body]] of requests.entries()) {
      const form = typeof body === "string" ? forms[body] : undefined;
      const headers = form === undefined ? {} : { "content-type": "multipart/form-data; boundary=x" };
      const answer = await send(method, path.replace("{id}", id), form ?? body, headers);
      const isLast = index === requests.length - 1;
      expect(answer.status < 300).toBe(!isLast);
      if (isLast) expect(answer.json.errors[0].message).toBe(message);
      else id = answer.json.result.id;
    }
  });
});

test("a row holds for a plan, an add-on raises it, an override beats both", () => {
  const free = { plan: "free", addOns: [] } as const;
  expect(limitOf("savedOperations", free)).toBe(100);
  expect(limitOf("savedOperations", { plan: "free", addOns: ["api_shield"] })).toBe(10_000);
  expect(limitOf("savedOperations", { ...free, limits: { savedOperations: 7 } })).toBe(7);
  expect(limitOf("titleLength", free)).toBe(50);
});

test("every row names its source, its date and its unit", () => {
  for (const row of Object.values(limitTable)) {
    expect(row.source.length).toBeGreaterThan(5);
    expect(row.asOf).toBe("2026-11");
    expect(row.unit.length).toBeGreaterThan(2);
  }
});
