import { exportJWK, generateKeyPair, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { readKeys } from "../../../scripts/token/readKeys.ts";
import { verifyJwt } from "../../../scripts/token/verifyJwt.ts";
import { verifyLink } from "../../../scripts/token/verifyLink.ts";
import { createIssuer, type IssuerParts } from "./createIssuer.ts";
import { demoUser } from "./demoUsers.ts";
import type { IssuerRings } from "./issuerRing.ts";
import { activeKey, type RingKeys } from "./keySource.ts";

const now = new Date("2026-11-22T12:00:00Z");
const rings: IssuerRings = {
  storefront: { kind: "jwt", issuers: ["https://auth.example.com/"], audiences: ["api"], lifetime: 900 },
  internal: {
    kind: "jwt",
    issuers: ["https://services.example.com/"],
    audiences: ["internal-api"],
    lifetime: 300,
    scope: { claim: "scp", as: "array", length: 4 },
  },
  downloads: { kind: "hmac", parameter: "verify", lifetime: 10_800 },
};

async function pair(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: "ES256" };
}
const secret = (kid: string): JWK => ({
  kty: "oct",
  k: Buffer.from(kid.repeat(32)).toString("base64url"),
  kid,
  alg: "HS256",
});

let keys: Record<string, RingKeys>;
beforeAll(async () => {
  keys = {
    storefront: { active: await pair("e2"), pending: await pair("e3"), retiring: [await pair("e1")] },
    internal: secret("h1"),
    downloads: { ...secret("d1"), use: "sig", parameter: "verify" },
  };
});

const issuer = (parts: Partial<IssuerParts> = {}) =>
  createIssuer({
    keySource: async () => keys,
    clock: () => now,
    rings,
    authenticate: demoUser("pw"),
    newId: () => "id-1",
    ...parts,
  });

async function post(path: string, body: unknown, app = issuer()) {
  const response = await app.request(path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
async function get(path: string, app = issuer(), headers: Record<string, string> = {}) {
  const response = await app.request(path, { headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json().catch(() => undefined)) as Record<string, unknown>,
  };
}
const tokenKeys = (...rings: RingKeys[]) =>
  rings.flatMap((ring) => readKeys(JSON.stringify(activeKey(ring))));
const me = { user: "demo", password: "pw" };

describe("POST /token", () => {
  it("issues a token of the first ring with the declared lifetime, in body and cookie", async () => {
    const { status, headers, body } = await post("/token", me);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 900 });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBe(
      `session=${body.access_token}; Max-Age=900; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    const verdict = await verifyJwt(String(body.access_token), tokenKeys(keys.storefront as RingKeys), {
      now,
      issuers: ["https://auth.example.com/"],
      audiences: ["api"],
      lifetimeSeconds: 900,
    });
    expect(verdict).toEqual({
      accepted: true,
      refusals: [],
      warnings: [],
      kid: "e2",
      alg: "ES256",
      claims: {
        iss: "https://auth.example.com/",
        aud: "api",
        sub: "demo",
        role: "customer",
        scope: "orders:read orders:write",
        iat: 1795348800,
        exp: 1795349700,
        jti: "id-1",
      },
    });
  });

  it("issues for a named ring, scopes in the ring's own shape", async () => {
    const { body } = await post("/token", { ...me, ring: "internal" });
    const verdict = await verifyJwt(String(body.access_token), tokenKeys(keys.internal as RingKeys), { now });
    expect(verdict).toMatchObject({
      accepted: true,
      kid: "h1",
      claims: { scp: ["orders:read", "orders:write"], exp: 1795348800 + 300 },
    });
  });

  it("shortens the lifetime on demand and never lengthens it", async () => {
    expect((await post("/token", { ...me, expires_in: 60 })).body.expires_in).toBe(60);
    expect((await post("/token", { ...me, expires_in: 86_400 })).body.expires_in).toBe(900);
  });

  it.each([
    [{ ...me, password: "pw2" }, 401, "invalid_grant"],
    [{ user: "root", password: "pw" }, 401, "invalid_grant"],
    [{ user: "demo" }, 400, "invalid_request"],
    [{ ...me, expires_in: 0 }, 400, "invalid_request"],
    [{ ...me, sub: "admin" }, 400, "invalid_request"],
    ["no json", 400, "invalid_request"],
    [{ ...me, ring: "downloads" }, 400, "unknown_ring"],
    [{ ...me, ring: "nope" }, 400, "unknown_ring"],
  ])("refuses %j", async (body, status, error) => {
    const answer = await post("/token", body);
    expect({ status: answer.status, body: answer.body, cookie: answer.headers.get("set-cookie") }).toEqual({
      status,
      body: { error },
      cookie: null,
    });
  });

  it("gives nobody a token when nobody can be authenticated", async () => {
    const app = createIssuer({ keySource: async () => keys, clock: () => now, rings });
    expect(await post("/token", me, app)).toMatchObject({ status: 401, body: { error: "invalid_grant" } });
  });
});

describe("POST /links", () => {
  it("signs a path with the active secret", async () => {
    const { status, body } = await post("/links", { ...me, path: "/files/report.pdf" });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        link: expect.stringMatching(/^\/files\/report\.pdf\?verify=1795348800-[\w-]{43}$/),
        expires_in: 10_800,
      },
    });
    const verdict = verifyLink(String(body.link), tokenKeys(keys.downloads as RingKeys), {
      now,
      lifetimeSeconds: 10_800,
      parameter: "verify",
    });
    expect(verdict).toMatchObject({ accepted: true, key: "d1" });
  });

  it("refuses wrong credentials and paths that the edge would see differently", async () => {
    expect(await post("/links", { ...me, password: "x", path: "/a" })).toMatchObject({ status: 401 });
    expect(await post("/links", { ...me, path: "/a/../b" })).toMatchObject({
      status: 400,
      body: { error: "invalid_request", error_description: 'the path is not normalized. Sign "/b" instead.' },
    });
  });
});

describe("GET /sample/<ring>", () => {
  it("answers a fresh production token or link without any rights", async () => {
    const { body } = await get("/sample/storefront");
    const verdict = await verifyJwt(String(body.token), tokenKeys(keys.storefront as RingKeys), {
      now,
      audiences: ["api"],
    });
    expect(verdict).toMatchObject({ accepted: true, kid: "e2" });
    expect(verdict.claims).toEqual({
      iss: "https://auth.example.com/",
      aud: "api",
      sub: "keyturn-sample",
      iat: 1795348800,
      exp: 1795349700,
      jti: "id-1",
    });
    const link = await get("/sample/downloads");
    expect(link.headers.get("cache-control")).toBe("no-store");
    expect(
      verifyLink(String(link.body.link), tokenKeys(keys.downloads as RingKeys), {
        now,
        lifetimeSeconds: 10_800,
        parameter: "verify",
      }),
    ).toMatchObject({ accepted: true });
  });

  it("has no sample before the first key is active", async () => {
    const app = issuer({ keySource: async () => ({ internal: { pending: secret("h1"), retiring: [] } }) });
    expect(await get("/sample/internal", app)).toMatchObject({
      status: 503,
      body: { error: "keys_unavailable" },
    });
  });

  it("follows a promotion at once", async () => {
    let current: Record<string, RingKeys> = { internal: secret("h1") };
    const app = issuer({ keySource: async () => current });
    const kid = async () =>
      JSON.parse(
        Buffer.from(
          String((await get("/sample/internal", app)).body.token).split(".")[0] ?? "",
          "base64url",
        ).toString(),
      ).kid;
    expect(await kid()).toBe("h1");
    current = { internal: secret("h2") };
    expect(await kid()).toBe("h2");
  });

  it("wants the sample secret where one is set", async () => {
    const app = issuer({ sampleSecret: "s3cret" });
    expect((await get("/sample/storefront", app)).status).toBe(401);
    expect((await get("/sample/storefront", app, { authorization: "Bearer s3cret" })).status).toBe(200);
    expect((await get("/.well-known/jwks.json", app)).status).toBe(200);
  });

  it("says what is missing: the ring, its key, or all keys", async () => {
    expect(await get("/sample/toString")).toMatchObject({ status: 404, body: { error: "unknown_ring" } });
    expect(await get("/sample/storefront", issuer({ keySource: async () => ({}) }))).toMatchObject({
      status: 503,
      body: { error: "keys_unavailable" },
    });
    const failing = issuer({ keySource: () => Promise.reject(new Error("secret")) });
    expect(await get("/sample/storefront", failing)).toMatchObject({
      status: 503,
      body: { error: "keys_unavailable" },
    });
  });

  it("says nothing about a key that does not sign", async () => {
    const broken = issuer({
      keySource: async () => ({ internal: { kty: "oct", k: "c2VjcmV0", kid: "h1", alg: "HS256" } }),
    });
    expect(await get("/sample/internal", broken)).toMatchObject({
      status: 500,
      body: { error: "server_error" },
    });
  });
});

describe("GET /.well-known/jwks.json", () => {
  it("publishes pending, active and retiring keys, public parts only, and no secret", async () => {
    const { headers, body } = await get("/.well-known/jwks.json");
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    const set = body.keys as JWK[];
    expect(set.map((key) => key.kid)).toEqual(["e2", "e3", "e1"]);
    for (const key of set)
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });
});
