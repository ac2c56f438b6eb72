import { compactVerify, decodeProtectedHeader, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { algorithms } from "../../model/facts/algorithms.ts";
import { TokenInputError } from "./findings.ts";
import { publicPart } from "./keyProblem.ts";
import { signJwt } from "./signJwt.ts";
import { makeKey } from "./testKeys.ts";

const now = new Date("2026-11-22T12:00:00.900Z");
const seconds = 1795348800;

let hs256: JWK;
let es256: JWK;
beforeAll(async () => {
  hs256 = await makeKey("HS256", "h1");
  es256 = await makeKey("ES256", "e1");
});

async function caught(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenInputError)) throw new Error(`no TokenInputError but ${String(error)}`);
  return { code: error.code, message: error.message };
}

describe("signJwt", () => {
  it("sets iat, exp and jti, and alg, kid and typ in the header", async () => {
    const signed = await signJwt({
      jwk: hs256,
      claims: { sub: "alice", aud: ["a", "b"] },
      lifetimeSeconds: 900,
      now,
      jti: "id-1",
    });
    expect(signed).toMatchObject({ kid: "h1", alg: "HS256" });
    expect(signed.claims).toEqual({
      sub: "alice",
      aud: ["a", "b"],
      iat: seconds,
      exp: seconds + 900,
      jti: "id-1",
    });
    expect(decodeProtectedHeader(signed.token)).toEqual({ alg: "HS256", kid: "h1", typ: "JWT" });
    const { payload } = await compactVerify(signed.token, hs256);
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(signed.claims);
  });

  it("is the same token for the same input, HS being deterministic", async () => {
    const input = { jwk: hs256, claims: { sub: "alice" }, lifetimeSeconds: 900, now };
    expect((await signJwt(input)).token).toBe((await signJwt(input)).token);
  });

  it("dates iat and nbf back without outliving the lifetime", async () => {
    const { claims } = await signJwt({
      jwk: es256,
      claims: {},
      lifetimeSeconds: 900,
      now,
      backdateSeconds: 30,
    });
    expect(claims).toEqual({ iat: seconds - 30, nbf: seconds - 30, exp: seconds + 870 });
  });

  it.each(algorithms.map((row) => row.alg))("signs with %s", async (alg) => {
    const jwk = await makeKey(alg, "k");
    const { token } = await signJwt({ jwk, claims: { sub: "a" }, lifetimeSeconds: 60, now });
    await expect(compactVerify(token, publicPart(jwk), { algorithms: [alg] })).resolves.toBeDefined();
  });

  it.each(["exp", "iat", "nbf", "jti"])("refuses the claim %s", async (claim) => {
    const error = await caught(signJwt({ jwk: hs256, claims: { [claim]: 1 }, lifetimeSeconds: 900, now }));
    expect(error).toEqual({ code: "CLAIM_RESERVED", message: `the signer sets \`${claim}\` itself` });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses the lifetime %s",
    async (lifetimeSeconds) => {
      const error = await caught(signJwt({ jwk: hs256, claims: {}, lifetimeSeconds, now }));
      expect(error).toEqual({
        code: "LIFETIME_INVALID",
        message: `the lifetime is ${lifetimeSeconds} s; it has to be a whole number from 1 on`,
      });
    },
  );

  it("refuses to date back by the whole lifetime", async () => {
    const input = { jwk: hs256, claims: {}, lifetimeSeconds: 60, now };
    expect((await caught(signJwt({ ...input, backdateSeconds: 60 }))).code).toBe("LIFETIME_INVALID");
    await expect(signJwt({ ...input, backdateSeconds: 59 })).resolves.toBeDefined();
  });

  it("names what a key lacks, and never the key", async () => {
    const { d: _, ...publicOnly } = es256;
    const { kid: __, ...nameless } = hs256;
    const { alg: ___, ...algless } = hs256;
    const input = { claims: {}, lifetimeSeconds: 60, now };
    expect(await caught(signJwt({ ...input, jwk: publicOnly as JWK }))).toEqual({
      code: "KEY_NOT_PRIVATE",
      message: 'the key "e1" is public',
    });
    expect(await caught(signJwt({ ...input, jwk: nameless as JWK }))).toEqual({
      code: "KEY_MEMBER_MISSING",
      message: "the key has no `kid`, without which the edge finds no key",
    });
    expect(await caught(signJwt({ ...input, jwk: algless as JWK }))).toEqual({
      code: "KEY_MEMBER_MISSING",
      message: 'the key "h1" has no `alg`',
    });
    expect(
      await caught(signJwt({ ...input, jwk: { ...hs256, alg: "HS512", k: hs256.k?.slice(0, 40) ?? "" } })),
    ).toEqual({
      code: "KEY_UNUSABLE",
      message:
        'Cloudflare does not take the key "h1": HS512 needs a secret of 64 bytes or more, this one has 30',
    });
    const other = await makeKey("ES256", "e2");
    expect(await caught(signJwt({ ...input, jwk: { ...es256, d: `${other.d?.slice(0, 8)}` } }))).toEqual({
      code: "KEY_UNUSABLE",
      message: 'the key "e1" does not sign: its private members do not fit together',
    });
  });
});
