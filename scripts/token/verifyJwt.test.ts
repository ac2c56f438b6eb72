import { createPublicKey } from "node:crypto";
import { CompactSign, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { publicPart } from "./keyProblem.ts";
import { readKeys, type TokenKey } from "./readKeys.ts";
import { signJwt } from "./signJwt.ts";
import { asTokenKey, makeKey, unsigned } from "./testKeys.ts";
import { type JwtVerdict, verifyJwt } from "./verifyJwt.ts";

const now = new Date("2026-11-22T12:00:00Z");
const seconds = 1795348800;
const later = (offset: number) => new Date((seconds + offset) * 1000);

let storefront: JWK;
let internal: JWK;
let keys: readonly TokenKey[];
let token: string;
beforeAll(async () => {
  storefront = await makeKey("ES256", "e1");
  internal = await makeKey("HS256", "h1");
  keys = [asTokenKey(publicPart(storefront)), asTokenKey(internal)];
  token = (await sign(storefront, { iss: "https://auth.example.com/", aud: "api", sub: "alice" })).token;
});

const sign = (jwk: JWK, claims: Record<string, unknown>) =>
  signJwt({ jwk, claims, lifetimeSeconds: 900, now });
const forge = (jwk: JWK, header: Record<string, unknown>, payload: string) =>
  new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: "ES256", ...header })
    .sign(jwk);
const reasons = ({ refusals }: JwtVerdict) => refusals.map(({ code, message }) => `${code}: ${message}`);
const judge = (text: string, expected: Partial<Parameters<typeof verifyJwt>[2]> = {}) =>
  verifyJwt(text, keys, { now, ...expected });

describe("verifyJwt accepts", () => {
  it("a good token, with and without Bearer, and answers its verified claims", async () => {
    const claims = {
      iss: "https://auth.example.com/",
      aud: "api",
      sub: "alice",
      iat: seconds,
      exp: seconds + 900,
    };
    const verdict = { accepted: true, refusals: [], warnings: [], kid: "e1", alg: "ES256", claims };
    expect(await judge(token)).toEqual(verdict);
    expect(
      await judge(`Bearer ${token}\n`, { issuers: ["https://auth.example.com/"], audiences: ["api"] }),
    ).toEqual(verdict);
    expect(await judge(`Bearer: ${token}`)).toEqual(verdict);
  });

  it.each(["RS256", "PS512", "ES384", "HS512"])("a token of %s against the JWK", async (alg) => {
    const jwk = await makeKey(alg, "k");
    const { token: signed } = await sign(jwk, {});
    expect(await verifyJwt(signed, [asTokenKey(jwk)], { now })).toMatchObject({
      accepted: true,
      warnings: [],
    });
  });

  it("a token against a PEM, saying what was assumed", async () => {
    const spki = createPublicKey({ key: storefront as never, format: "jwk" }).export({
      type: "spki",
      format: "pem",
    });
    const verdict = await verifyJwt(token, readKeys(String(spki)), { now });
    expect(verdict).toMatchObject({ accepted: true, kid: "e1" });
    expect(verdict.warnings.map(({ code }) => code)).toEqual(["KEY_KID_ASSUMED", "KEY_ALG_ASSUMED"]);
    const named = readKeys(String(spki), { kid: "e1", alg: "ES256" });
    expect((await verifyJwt(token, named, { now })).warnings).toEqual([]);
    expect((await verifyJwt(token, readKeys(String(spki), { kid: "e2" }), { now })).refusals[0]?.code).toBe(
      "TOKEN_KID_UNKNOWN",
    );
  });

  it("a token against a bare secret", async () => {
    const { token: signed } = await sign(internal, {});
    const secret = Buffer.from(internal.k ?? "", "base64url").toString();
    expect(
      await verifyJwt(signed, readKeys(`${secret}\n`, { kid: "h1", alg: "HS256" }), { now }),
    ).toMatchObject({ accepted: true, warnings: [] });
  });

  it("the right one of several keys without kid", async () => {
    const { kid: _, ...other } = publicPart(await makeKey("ES256", "x"));
    const { kid: __, ...right } = publicPart(storefront);
    const set = readKeys(JSON.stringify({ keys: [other, right] }));
    expect(await verifyJwt(token, set, { now })).toMatchObject({ accepted: true });
    expect((await verifyJwt(token, set.slice(0, 1), { now })).refusals[0]?.code).toBe(
      "TOKEN_SIGNATURE_INVALID",
    );
  });

  it("a token without exp, with a warning: the edge never expires it", async () => {
    const signed = await forge(storefront, { kid: "e1" }, "{}");
    const verdict = await judge(signed);
    expect(verdict.accepted).toBe(true);
    expect(verdict.warnings).toEqual([
      {
        code: "TOKEN_EXP_MISSING",
        message: "it has no `exp`: the edge accepts it until its key is removed",
        hint: "Let the issuer set `exp`; a ring whose tokens do not expire cannot be rotated safely.",
      },
    ]);
  });
});

describe("verifyJwt judges times as the edge does", () => {
  it("lets exp pass for less than 60 s", async () => {
    expect(await judge(token, { now: later(899.9) })).toMatchObject({ accepted: true, warnings: [] });
    const late = await judge(token, { now: later(959.9) });
    expect(late).toMatchObject({
      accepted: true,
      warnings: [
        { code: "TOKEN_WITHIN_LEEWAY", message: "it expired 59s ago and passes by the leeway only" },
      ],
    });
    expect(reasons(await judge(token, { now: later(960) }))).toEqual([
      "TOKEN_EXPIRED: it expired 1m ago (exp 2026-11-22T12:15:00Z); 60 s of leeway are allowed",
    ]);
    expect((await judge(token, { now: later(900), leewaySeconds: 0 })).accepted).toBe(false);
  });

  it("lets nbf lie 60 s ahead and no further", async () => {
    const signed = await forge(
      storefront,
      { kid: "e1" },
      JSON.stringify({ nbf: seconds, exp: seconds + 60 }),
    );
    expect(await judge(signed, { now: later(-60) })).toMatchObject({
      accepted: true,
      warnings: [{ message: "it becomes valid in 1m and passes by the leeway only" }],
    });
    expect(reasons(await judge(signed, { now: later(-61) }))).toEqual([
      "TOKEN_NOT_YET_VALID: it becomes valid in 1m 1s (nbf 2026-11-22T12:00:00Z); 60 s of leeway are allowed",
    ]);
  });

  it.each([
    ['{"exp":"2999"}', '`exp` is "2999", no whole number of seconds'],
    ['{"exp":null}', "`exp` is null, no whole number of seconds"],
    ['{"exp":1e999}', "`exp` is null, no whole number of seconds"],
    ['{"exp":1795349700.5}', "`exp` is 1795349700.5, no whole number of seconds"],
    ['{"exp":9007199254740992}', "`exp` is 9007199254740992, no whole number of seconds"],
    ['{"exp":1795349700,"nbf":[]}', "`nbf` is [], no whole number of seconds"],
  ])("refuses %s", async (payload, message) => {
    expect(reasons(await judge(await forge(storefront, { kid: "e1" }, payload)))).toEqual([
      `TOKEN_CLAIMS_INVALID: ${message}`,
    ]);
  });

  it.each(["true", '"1"', "1.5", "-1", "1e300"])("does not look at iat, which may be %s", async (iat) => {
    const verdict = await judge(await forge(storefront, { kid: "e1" }, `{"exp":1795349700,"iat":${iat}}`));
    expect(verdict.refusals).toEqual([]);
  });

  it("warns of times in milliseconds", async () => {
    const verdict = await judge(await forge(storefront, { kid: "e1" }, '{"exp":1795349700000}'));
    expect(verdict).toMatchObject({
      accepted: true,
      warnings: [
        {
          code: "TOKEN_TIME_IN_MILLISECONDS",
          message: "`exp` is 1795349700000, in seconds the year 58862",
        },
      ],
    });
  });

  it("warns when a token outlives the declared lifetime", async () => {
    expect((await judge(token, { lifetimeSeconds: 900 })).warnings).toEqual([]);
    expect((await judge(token, { lifetimeSeconds: 899 })).warnings).toMatchObject([
      { code: "TOKEN_LIFETIME_TOO_LONG", message: "it lives 15m (exp − iat), declared are 14m 59s" },
    ]);
  });
});

describe("verifyJwt refuses", () => {
  it("a token of another issuer and audience, both at once", async () => {
    expect(
      reasons(
        await judge(token, { issuers: ["https://auth.example.com"], audiences: ["admin"], now: later(1000) }),
      ),
    ).toEqual([
      "TOKEN_EXPIRED: it expired 1m 40s ago (exp 2026-11-22T12:15:00Z); 60 s of leeway are allowed",
      'TOKEN_ISSUER_MISMATCH: `iss` is "https://auth.example.com/", expected "https://auth.example.com"',
      'TOKEN_AUDIENCE_MISMATCH: `aud` is "api", expected "admin"',
    ]);
    const several = (await sign(storefront, { aud: ["a", "admin"] })).token;
    expect((await judge(several, { audiences: ["b", "admin"] })).accepted).toBe(true);
    expect((await judge(several, { audiences: ["adm"] })).accepted).toBe(false);
    expect(reasons(await judge(several, { audiences: ["b", "c"] }))).toEqual([
      'TOKEN_AUDIENCE_MISMATCH: `aud` is ["a","admin"], expected "b" or "c"',
    ]);
  });

  it("a changed payload and a changed signature", async () => {
    const [header, , signature] = token.split(".");
    const payload = Buffer.from(JSON.stringify({ sub: "mallory" })).toString("base64url");
    const message = 'TOKEN_SIGNATURE_INVALID: the signature was not made with the key "e1" (ES256)';
    expect(reasons(await judge(`${header}.${payload}.${signature}`))).toEqual([message]);
    const changed = `${token.slice(0, -5)}${token.at(-5) === "A" ? "B" : "A"}${token.slice(-4)}`;
    expect(reasons(await judge(changed))).toEqual([message]);
    expect(reasons(await judge(token.replace(/[^.]*$/, "")))).toEqual([message]);
  });

  it("a foreign key under the right kid", async () => {
    const foreign = await makeKey("ES256", "e1");
    expect((await judge((await sign(foreign, {})).token)).refusals[0]?.code).toBe("TOKEN_SIGNATURE_INVALID");
  });

  it.each([
    [{ alg: "none", kid: "e1" }, "TOKEN_ALG_NONE: the token is not signed (`alg: none`)"],
    [{ alg: "nOnE", kid: "e1" }, "TOKEN_ALG_NONE: the token is not signed (`alg: none`)"],
    [{ alg: "ES256" }, "TOKEN_KID_MISSING: the header has no `kid`"],
    [
      { alg: "ES256", kid: 7 },
      "TOKEN_MALFORMED: the token cannot be read: the `kid` of its header is no string",
    ],
    [{ kid: "e1" }, "TOKEN_MALFORMED: the token cannot be read: its header has no `alg`"],
    [{ alg: "ES256", kid: "e9" }, 'TOKEN_KID_UNKNOWN: no key has the kid "e9"; known: "e1", "h1"'],
    [{ alg: "HS256", kid: "e1" }, 'TOKEN_ALG_MISMATCH: the token says alg "HS256", the key "e1" has "ES256"'],
    [{ alg: "EdDSA", kid: "e1" }, 'TOKEN_ALG_UNSUPPORTED: alg "EdDSA": Cloudflare does not verify EdDSA'],
    [{ alg: "es256", kid: "e1" }, 'TOKEN_ALG_UNSUPPORTED: alg "es256": Cloudflare does not know it'],
    [
      { alg: "ES256", kid: "e1", crit: ["b64"] },
      'TOKEN_CRIT_UNSUPPORTED: the header demands extensions: crit ["b64"]',
    ],
  ])("the header %j", async (header, reason) => {
    expect(reasons(await judge(unsigned(header, {})))).toEqual([reason]);
  });

  it("an HS256 token made with the public key as its secret", async () => {
    const spki = String(
      createPublicKey({ key: storefront as never, format: "jwk" }).export({ type: "spki", format: "pem" }),
    );
    const confused = await new CompactSign(new TextEncoder().encode("{}"))
      .setProtectedHeader({ alg: "HS256", kid: "e1" })
      .sign(new TextEncoder().encode(spki));
    expect((await judge(confused)).refusals[0]?.code).toBe("TOKEN_ALG_MISMATCH");
    expect((await verifyJwt(confused, readKeys(spki), { now })).refusals[0]?.code).toBe("TOKEN_ALG_MISMATCH");
  });

  it("a key that Cloudflare would not hold", async () => {
    const short = { kty: "oct", k: Buffer.alloc(31, 1).toString("base64url"), kid: "s", alg: "HS256" };
    expect(
      reasons(await verifyJwt(unsigned({ alg: "HS256", kid: "s" }, {}), [asTokenKey(short)], { now })),
    ).toEqual([
      'TOKEN_KEY_UNUSABLE: the key "s" is one that Cloudflare does not take: HS256 needs a secret of 32 bytes or more, this one has 31',
    ]);
  });

  it("a point that is not on its curve, without an exception", async () => {
    const off = { ...publicPart(storefront), x: storefront.y ?? "" };
    expect((await verifyJwt(token, [asTokenKey(off)], { now })).refusals[0]?.code).toBe("TOKEN_KEY_UNUSABLE");
  });

  it.each(["[]", '"text"', "null", "{", "", '{"exp":1,"exp":2}'])(
    "signed content %j that is no claims object",
    async (payload) => {
      const verdict = await judge(await forge(storefront, { kid: "e1" }, payload));
      expect(reasons(verdict)).toEqual(["TOKEN_CLAIMS_INVALID: the signed content is no usable JSON object"]);
      expect(verdict.claims).toBeUndefined();
    },
  );

  it("with no answer that holds the token, a signature or a secret", async () => {
    const verdicts = await Promise.all([
      judge(token),
      judge(`${token}x`),
      judge(token, { now: later(5000) }),
      judge("garbage.token"),
    ]);
    const text = JSON.stringify(verdicts);
    for (const part of [...token.split("."), internal.k ?? "", "garbage"]) expect(text).not.toContain(part);
  });
});
