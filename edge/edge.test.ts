import { generateKeyPairSync } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import {
  constantLag,
  createEdge,
  type Edge,
  type EdgeRequest,
  type RulesetRule,
  type StoredKey,
  VirtualClock,
  type ZoneSpec,
} from "./index.ts";

const ZONE = "0".repeat(31).concat("1");
const CONFIGURATION = "f9c5615e-fe15-48ce-bec6-cfc1946f1bec";
const START = Date.UTC(2026, 10, 22);

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", kty: "EC" } as StoredKey;

const PLAIN_ZONE: ZoneSpec = {
  id: ZONE,
  name: "example.com",
  accountId: "a".repeat(32),
  plan: "enterprise",
  addOns: ["api_shield"],
};

function rule(ref: string, expression: string, more: Partial<RulesetRule> = {}): RulesetRule {
  return {
    id: ref,
    version: "1",
    ref,
    action: "block",
    expression,
    enabled: true,
    last_updated: "",
    ...more,
  };
}

function edgeWithToken() {
  const clock = new VirtualClock(START);
  const edge = createEdge({
    clock,
    zones: [PLAIN_ZONE],
    pops: [
      { name: "AMS", lag: constantLag(0) },
      { name: "SYD", lag: constantLag(30_000) },
    ],
  });
  edge.world.commitZone(ZONE, "tokenConfigurations", [
    {
      id: CONFIGURATION,
      title: "storefront",
      description: "",
      token_type: "JWT",
      token_sources: ['http.request.headers["authorization"][0]', 'http.request.cookies["session"][0]'],
      keys: [key],
      created_at: "",
      last_updated: "",
    },
  ]);
  edge.world.commitZone(ZONE, "rulesets", [
    {
      id: "entry",
      name: "default",
      description: "",
      kind: "zone",
      phase: "http_request_firewall_custom",
      version: "1",
      last_updated: "",
      rules: [
        rule("needs-token", `not len(http.request.jwt.claims["${CONFIGURATION}"][0]) > 0`, {
          description: "needs a token",
          action_parameters: {
            response: { status_code: 401, content: '{"error":"token"}', content_type: "application/json" },
          },
        }),
        rule(
          "needs-scope",
          `not lookup_json_string(http.request.jwt.claims["${CONFIGURATION}"][0], "scope") == "orders:read"`,
        ),
      ],
    },
  ]);
  return { clock, edge };
}

function sign(claims: Record<string, unknown>, kid = "k1"): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid })
    .setExpirationTime(START / 1000 + 900)
    .sign(privateKey);
}

function get(...headers: [string, string][]): EdgeRequest {
  return { method: "GET", url: "https://api.example.com/orders?page=2", headers };
}

describe("a token configuration and two block rules, put straight into the world", () => {
  it("let a valid token through, in header and cookie, and say who it is", async () => {
    const { edge } = edgeWithToken();
    const token = await sign({ sub: "alice", scope: "orders:read" });
    for (const request of [
      get(["Authorization", `Bearer ${token}`]),
      get(["authorization", token]),
      get(["Cookie", `a=b; session=${token}`]),
    ]) {
      const response = await edge.handle(request);
      expect(response.status).toBe(200);
      expect(response.verdict).toEqual({
        outcome: "origin",
        hits: [],
        tokens: [
          { configuration: CONFIGURATION, valid: true, sub: "alice", claims: ["sub", "scope", "exp"] },
        ],
      });
    }
    expect(edge.events.query()).toEqual([]);
  });

  it("refuse a request without one, and say which rule did", async () => {
    const { edge } = edgeWithToken();
    const response = await edge.handle(get());
    expect(response).toMatchObject({ status: 401, body: '{"error":"token"}' });
    const hit = {
      phase: "http_request_firewall_custom",
      action: "block",
      scope: "zone",
      rulesetId: "entry",
      ruleId: "needs-token",
      ref: "needs-token",
      description: "needs a token",
    };
    expect(response.verdict).toEqual({ outcome: "blocked", decidedBy: hit, hits: [hit], tokens: [] });
  });

  it("refuse what is expired, unknown or lacks the scope", async () => {
    const { clock, edge } = edgeWithToken();
    const good = await sign({ scope: "orders:read" });
    const statusOf = async (token: string) => (await edge.handle(get(["authorization", token]))).status;
    expect(await statusOf(await sign({ scope: "orders:readwrite" }))).toBe(403);
    expect(await statusOf(await sign({ scope: "orders:read" }, "k2"))).toBe(401);
    clock.advance(959_999);
    expect(await statusOf(good)).toBe(200);
    clock.advance(1);
    expect(await statusOf(good)).toBe(401);
  });

  it("apply at a distant point of presence only when they have arrived there", async () => {
    const { clock, edge } = edgeWithToken();
    expect((await edge.handle(get(), { pop: "SYD" })).status).toBe(200);
    clock.advance(30_000);
    expect((await edge.handle(get(), { pop: "SYD" })).status).toBe(401);
  });

  it("leave events that name rule, configuration and claims, but no token", async () => {
    const { edge } = edgeWithToken();
    const token = await sign({ sub: "alice", scope: "none" });
    const response = await edge.handle(get(["authorization", `Bearer ${token}`]));
    const [event, ...others] = edge.events.query({ ref: "needs-scope" });
    expect(others).toEqual([]);
    expect(event).toEqual({
      datetime: "2026-11-22T00:00:00.000Z",
      zoneId: ZONE,
      pop: "AMS",
      ray: response.headers.find(([name]) => name === "cf-ray")?.[1].slice(0, 16),
      source: "firewallcustom",
      service: "Custom rules",
      phase: "http_request_firewall_custom",
      action: "block",
      rulesetId: "entry",
      ruleId: "needs-scope",
      ref: "needs-scope",
      method: "GET",
      host: "api.example.com",
      path: "/orders",
      ip: "192.0.2.1",
      country: "NL",
      status: 403,
      tokens: [{ configuration: CONFIGURATION, valid: true, sub: "alice", claims: ["sub", "scope", "exp"] }],
    });
    expect(JSON.stringify([edge.events.query(), response])).not.toContain(token.slice(-20));
  });

  it("refuse none of 2,000 valid tokens", async () => {
    const { edge } = edgeWithToken();
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, index) => sign({ sub: `user ${index}`, scope: "orders:read" })),
    );
    let refused = 0;
    for (let index = 0; index < 2000; index++) {
      const response = await edge.handle(get(["authorization", tokens[index % 200]!]));
      if (response.status !== 200) refused++;
    }
    expect(refused).toBe(0);
  });
});

describe("an edge driven through its API", () => {
  const call = (edge: Edge, method: string, path: string, body: unknown) =>
    edge.fetch(`https://api.cloudflare.com/client/v4${path}`, {
      method,
      headers: { authorization: "Bearer test" },
      body: body instanceof FormData ? body : JSON.stringify(body),
    });

  it.each([
    ["bytes", 400],
    ["characters", 200],
  ] as const)("checks expressions by the language's choices: lengths in %s", async (lengthUnit, status) => {
    const edge = createEdge({ zones: [PLAIN_ZONE], language: { lengthUnit } });
    const path = `/zones/${ZONE}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const rules = [{ action: "block", expression: `http.host eq "${"é".repeat(2048)}"` }];
    expect((await call(edge, "PUT", path, { rules })).status).toBe(status);
  });

  it("lets a Worker read its secrets and KV values, as bindings do", async () => {
    const edge = createEdge({ zones: [PLAIN_ZONE] });
    const account = `/accounts/${PLAIN_ZONE.accountId}`;
    const store = await call(edge, "POST", `${account}/secrets_store/stores`, { name: "main" });
    const { id: storeId } = ((await store.json()) as { result: { id: string } }).result;
    await call(edge, "POST", `${account}/secrets_store/stores/${storeId}/secrets`, [
      { name: "signing", value: "stored", scopes: ["workers"] },
    ]);
    const upload = new FormData();
    upload.append(
      "worker.js",
      new File(["export default {}"], "worker.js", { type: "application/javascript+module" }),
    );
    upload.append("metadata", JSON.stringify({ main_module: "worker.js" }));
    await call(edge, "PUT", `${account}/workers/scripts/issuer`, upload);
    const secret = { name: "KEY", text: "bound", type: "secret_text" };
    await call(edge, "PUT", `${account}/workers/scripts/issuer/secrets`, secret);
    const made = await call(edge, "POST", `${account}/storage/kv/namespaces`, { title: "ledger" });
    const { id } = ((await made.json()) as { result: { id: string } }).result;
    const value = new FormData();
    value.append("value", "kept");
    await call(edge, "PUT", `${account}/storage/kv/namespaces/${id}/values/a%2Fb`, value);

    const accountId = PLAIN_ZONE.accountId;
    expect(edge.secretValue(accountId, "main", "signing")).toBe("stored");
    expect(edge.workerSecret(accountId, "issuer", "KEY")).toBe("bound");
    expect(edge.workerSecret(accountId, "issuer", "OTHER")).toBeUndefined();
    expect(Buffer.from(edge.kvValue(accountId, "ledger", "a/b") ?? []).toString()).toBe("kept");
    expect(edge.kvValue(accountId, "ledger", "b")).toBeUndefined();
  });
});
