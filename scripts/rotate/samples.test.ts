import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import type { JwtRing, Ring } from "../../model/definition/types.ts";
import type { SampleAddress } from "../../model/environment/sampleAddress.ts";
import type { Ledger, RingLedger } from "../../model/ring/ledger.ts";
import type { SignerJwk } from "../token/signers.ts";
import { signLink } from "../token/signLink.ts";
import { takeSamples } from "./samples.ts";
import type { RotationWorld } from "./world.ts";

const ADDRESS: SampleAddress = { url: "http://127.0.0.1:8788/sample/shop", method: "GET", headers: {} };
const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const ISSUER = "https://auth.example.com/";
const RING = {
  id: "shop",
  kind: "jwt",
  issuers: [ISSUER],
  audiences: ["api"],
  lifetime: 900,
} as Partial<JwtRing> as Ring;
const LINKS = { id: "files", kind: "hmac", parameter: "verify", lifetime: 600 } as Ring;

async function pair(kid: string): Promise<SignerJwk> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...((await exportJWK(privateKey)) as JWK), kid, alg: "ES256" } as SignerJwk;
}

const secret = (kid: string) =>
  ({ kty: "oct", k: Buffer.from(kid.repeat(32)).toString("base64url"), kid, alg: "HS256" }) as SignerJwk;

let old: SignerJwk;
let active: SignerJwk;
let other: SignerJwk;
beforeAll(async () => {
  [old, active, other] = [await pair("kid-1"), await pair("kid-2"), await pair("kid-9")];
});

const keysOf = (ring: string, kids: readonly string[]) =>
  ({
    ring,
    keys: kids.map((kid, index) => ({ name: `k${index + 1}`, kid, state: "ACTIVE" })),
  }) as unknown as RingLedger;
const LEDGERS = {
  rings: {
    shop: keysOf("shop", ["kid-1", "kid-2"]),
    files: keysOf("files", ["d1"]),
    staff: keysOf("staff", ["kid-9"]),
  },
} as unknown as Ledger;

/** A token of the ring, with other claims and times where they matter. */
const token = async (jwk: SignerJwk, claims: object = {}, lifetimeSeconds = 900, at = NOW) => {
  const iat = Math.floor(at / 1000);
  const all = { iss: ISSUER, aud: "api", sub: "sample", iat, exp: iat + lifetimeSeconds, ...claims };
  const header = { alg: "ES256", kid: String(jwk.kid) };
  return new SignJWT(all).setProtectedHeader(header).sign(await importJWK(jwk, "ES256"));
};

/** What three answers of an issuer are worth. */
async function sampled(bodies: readonly (object | string | number)[], ring = RING) {
  let count = 0;
  const world = {
    now: () => NOW,
    secret: async () => undefined,
    issuer: async () => {
      const body = bodies[count % bodies.length] ?? {};
      count += 1;
      return typeof body === "number"
        ? { status: body, body: "", pop: "" }
        : { status: 200, body: typeof body === "string" ? body : JSON.stringify(body), pop: "" };
    },
  } as unknown as RotationWorld;
  const link = secret("d1");
  const keys =
    ring.kind === "hmac"
      ? { active: link, retiring: [], retired: [] }
      : { active, retiring: [old], retired: [] };
  const ledger = LEDGERS.rings[ring.id] as RingLedger;
  const question = { ring, ledger, ledgers: LEDGERS, keys };
  const { at: _at, ...answer } = await takeSamples(world, question, ADDRESS);
  return answer;
}

test("all samples are asked for, and each counts for the key that signed it", async () => {
  const bodies = [
    { access_token: await token(active) },
    { token: await token(old) },
    { id_token: await token(active) },
  ];
  expect(await sampled(bodies)).toEqual({ byKey: { k2: 2, k1: 1 }, longestSeconds: 900 });
  expect(await sampled([bodies[0] as object, bodies[0] as object, 503])).toEqual({
    byKey: { k2: 2 },
    uncounted: ["HTTP 503"],
    longestSeconds: 900,
  });
});

test("a token of an issuer that a deploy left out counts for its key until the issuer has followed", async () => {
  const moved = { ...RING, issuers: ["https://new.example.com/"] } as typeof RING;
  expect((await sampled([{ token: await token(old) }], moved)).byKey).toEqual({});
  const { shop } = LEDGERS.rings as { shop: RingLedger };
  shop.accepts = [{ claim: "iss", value: ISSUER, leftAt: "2026-11-22T11:00:00.000Z" }];
  const answer = await sampled([{ token: await token(old) }], moved);
  delete shop.accepts;
  expect(answer.byKey).toEqual({ k1: 3 });
});

test("a ring without an address has no samples", async () => {
  const question = {
    ring: RING,
    ledger: keysOf("shop", []),
    ledgers: LEDGERS,
    keys: { retiring: [], retired: [] },
  };
  expect(await takeSamples({ now: () => NOW } as unknown as RotationWorld, question, undefined)).toEqual({
    at: "2026-11-22T12:00:00.000Z",
    byKey: {},
  });
});

test("a kid alone is not believed", async () => {
  const forged = await token({ ...other, kid: "kid-2" });
  expect(await sampled([{ token: forged }])).toEqual({
    byKey: {},
    uncounted: Array(3).fill('the signature was not made with the key "kid-2" (ES256)'),
  });
});

test("the real life of the longest-lived one is measured, with iat and without", async () => {
  const week = await token(active, {}, 7 * 86_400);
  expect(await sampled([{ token: await token(active) }, { token: week }])).toMatchObject({
    longestSeconds: 604_800,
  });
  const undated = await token(active, { iat: undefined }, 7 * 86_400);
  // Clocks may be off by a minute together, in the issuer's favour.
  expect(await sampled([{ token: undated }])).toMatchObject({ byKey: { k2: 3 }, longestSeconds: 604_740 });
});

test.each([
  ["a status", async () => 401, "HTTP 401"],
  ["no answer", async () => 0, "the address gives no answer"],
  ["a page", async () => "<html>", "the answer is not JSON"],
  [
    "another answer",
    async () => ({ ok: true }),
    "the answer has no text under access_token, token, id_token",
  ],
  ["no token", async () => ({ token: "abc" }), "the token cannot be read: it has 1 segment instead of 3"],
  ["a key of another ring", () => token(other), "its kid is that of k1 of ring staff (ACTIVE)"],
  [
    "an unknown kid",
    () => token({ ...other, kid: "x" }),
    "its kid is unknown: it is of no key of this stack",
  ],
  ["an expired token", () => token(active, {}, 900, NOW - 3_600_000), /^it expired 45m ago/],
  ["another audience", () => token(active, { aud: "web" }), '`aud` is "web", expected "api"'],
  [
    "a token without an end",
    () => token(active, { exp: undefined }),
    "it has no exp: the edge accepts it until its key is removed",
  ],
])("%s does not count, and why is said without the token", async (_label, make, why) => {
  const made = await make();
  const body = typeof made === "string" && made.startsWith("eyJ") ? { token: made } : made;
  const { byKey, uncounted } = await sampled([body]);
  expect(byKey).toEqual({});
  expect(uncounted).toEqual(Array(3).fill(typeof why === "string" ? why : expect.stringMatching(why)));
  expect(JSON.stringify(uncounted)).not.toContain("eyJ");
});

test("links count by their secret, and one that is dated ahead lives longer than the rule says", async () => {
  const link = (key: string, ahead = 0) => ({
    link: signLink({
      secret: Buffer.from(key.repeat(32)),
      path: "/a",
      parameter: "verify",
      issuedAt: new Date(NOW + 1000 * ahead),
    }),
  });
  expect(await sampled([link("d1")], LINKS)).toEqual({ byKey: { k1: 3 }, longestSeconds: 600 });
  expect(await sampled([link("d1", 30)], LINKS)).toEqual({ byKey: { k1: 3 }, longestSeconds: 600 });
  expect(await sampled([link("d1", 3660)], LINKS)).toEqual({ byKey: { k1: 3 }, longestSeconds: 4200 });
  const { uncounted } = await sampled([link("d2")], LINKS);
  expect(uncounted?.[0]).toMatch(/^none of 1 secret gives this MAC/);
});

test("the example's issuer answers only whoever has its sample secret", async () => {
  const app = createIssuer({
    keySource: async () => ({ shop: { active, retiring: [] } }),
    clock: () => new Date(NOW),
    rings: { shop: { kind: "jwt", issuers: [ISSUER], audiences: ["api"], lifetime: 900 } },
    sampleSecret: "s3cret",
  });
  const world = {
    now: () => NOW,
    secret: async (source: object) =>
      "env" in source && source.env === "ISSUER_SAMPLE_SECRET" ? "s3cret" : undefined,
    issuer: async (request: Request) => {
      const answer = await app.fetch(request);
      return { status: answer.status, body: await answer.text(), pop: "" };
    },
  } as unknown as RotationWorld;
  const question = {
    ring: RING,
    ledger: LEDGERS.rings.shop as RingLedger,
    ledgers: LEDGERS,
    keys: { active, retiring: [], retired: [] },
  };
  const asked = (headers: SampleAddress["headers"]) => takeSamples(world, question, { ...ADDRESS, headers });
  expect(await asked({})).toMatchObject({ byKey: {}, uncounted: ["HTTP 401", "HTTP 401", "HTTP 401"] });
  const from = (env: string) => asked({ authorization: { env, prefix: "Bearer " } });
  expect(await from("ISSUER_SAMPLE_SECRET")).toMatchObject({ byKey: { k2: 3 } });
  expect(await from("SOME_OTHER")).toMatchObject({
    uncounted: Array(3).fill("the environment variable SOME_OTHER is not set"),
  });
});
