import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { mint } from "./credential.ts";
import { usageOf } from "./testing/example.ts";

const now = Date.UTC(2026, 10, 22, 12, 0, 0, 400);
const second = Math.floor(now / 1000);
const jwk = { kty: "oct", k: Buffer.alloc(64, "k").toString("base64url"), kid: "k7", alg: "HS256" };

test("a token ends its lifetime and the leeway after the second in which it was signed", async () => {
  const usage = usageOf("internal");
  const credential = await mint(usage, { jwk, now, subject: "somebody" });
  const { request, ...rest } = credential;
  expect(rest).toEqual({
    ring: "internal",
    kid: "k7",
    from: Number.NEGATIVE_INFINITY,
    until: 1000 * (second + 300 + 60),
  });
  expect(request).toMatchObject({ method: "GET", url: "https://internal.example.com/jobs/1" });
  const [name, value = ""] = request.headers?.[0] ?? [];
  expect(name).toBe("x-service-token");
  expect(decodeJwt(value.replace("Bearer ", ""))).toEqual({
    iss: "https://services.example.com/",
    aud: "internal-api",
    sub: "somebody",
    jti: "somebody",
    scope: "jobs",
    iat: second,
    exp: second + 300,
  });
});

test("nbf counts with the leeway too, and a lifetime may be stated", async () => {
  const minting = { jwk, now, subject: "s", lifetime: 1000, notBefore: true };
  const { from, until } = await mint(usageOf("internal"), minting);
  expect([from, until]).toEqual([1000 * (second - 1 - 60), 1000 * (second - 1 + 1000 + 60)]);
});

test("a link ends by the rule's ttl, without a leeway", async () => {
  const { request, from, until, kid } = await mint(usageOf("downloads"), { jwk, now, subject: "s" });
  expect([from, until, kid]).toEqual([Number.NEGATIVE_INFINITY, 1000 * (second + 10_800), "k7"]);
  expect(request.url).toMatch(
    new RegExp(`^https://downloads\\.example\\.com/files/1\\?verify=${second}-[\\w-]{43}$`),
  );
});
