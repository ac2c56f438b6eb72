import { test as propertyTest } from "@fast-check/vitest";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJwt } from "./decodeJwt.ts";
import { unsigned } from "./testKeys.ts";
import { verifyJwt } from "./verifyJwt.ts";

const good = unsigned({ alg: "ES256" }, { sub: "a" });
const [header = "", claims = ""] = good.split(".");
const latin1 = Buffer.from('{"alg":"\xe4"}', "latin1").toString("base64url");

describe("decodeJwt", () => {
  it("takes a token apart", () => {
    expect(decodeJwt(` Bearer   ${good}\n`)).toEqual({
      ok: true,
      jwt: { token: good, header: { alg: "ES256" }, claims: { sub: "a" } },
    });
  });

  it("leaves the claims out when they are no object", () => {
    expect(decodeJwt(unsigned({ alg: "ES256" }, [1]))).toEqual({
      ok: true,
      jwt: { token: expect.any(String), header: { alg: "ES256" } },
    });
  });

  it.each([
    ["", "there is no token"],
    ["Bearer ", "it has 1 segment instead of 3"],
    ["abc", "it has 1 segment instead of 3"],
    [`${header}.${claims}`, "it has 2 segments instead of 3"],
    [`${header}.${claims}.a.b`, "it has 4 segments instead of 3"],
    [`bearer ${good}`, 'it begins with "bearer"; only `Bearer ` and `Bearer: ` are documented to be dropped'],
    [
      `Bearer Bearer ${good}`,
      'it begins with "Bearer"; only `Bearer ` and `Bearer: ` are documented to be dropped',
    ],
    [`${"a".repeat(16_383)}.b`, "it has 16385 bytes, more than the 16384 of a request header"],
    [`${header}.${claims}.c2lm`.replace("c2lm", "c2ln_x"), "its signature segment is not plain base64url"],
    ["a.b.c.d.e", "it has 5 segments instead of 3; an encrypted token (JWE) has 5"],
    [`${header}=.${claims}.c2ln`, "its header segment is not plain base64url"],
    [`${header}.${claims}+.c2ln`, "its claims segment is not plain base64url"],
    [`${header}.${claims}.abcde`, "its signature segment is not plain base64url"],
    [`W10.${claims}.c2ln`, "its header is no usable JSON object"],
    [`bnVsbA.${claims}.c2ln`, "its header is no usable JSON object"],
    [`.${claims}.c2ln`, "its header is no usable JSON object"],
    [`${latin1}.${claims}.c2ln`, "its header is no usable JSON object"],
  ])("refuses %j", (text, what) => {
    expect(decodeJwt(text)).toMatchObject({
      ok: false,
      refusal: { code: "TOKEN_MALFORMED", message: `the token cannot be read: ${what}` },
    });
  });

  propertyTest.prop([
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc
        .tuple(fc.json(), fc.json(), fc.base64String())
        .map(
          ([h, c, s]) =>
            `${Buffer.from(h).toString("base64url")}.${Buffer.from(c).toString("base64url")}.${s.replace(/[=+/]/g, "")}`,
        ),
      fc
        .record({ alg: fc.anything(), kid: fc.anything(), crit: fc.anything() }, { requiredKeys: [] })
        .map((h) => unsigned(JSON.parse(JSON.stringify(h) ?? "{}"), {})),
    ),
  ])("no text makes verification throw or pass", async (text) => {
    const verdict = await verifyJwt(text, [], { now: new Date(0) });
    expect(verdict.accepted).toBe(false);
    expect(verdict.refusals).toHaveLength(1);
  });
});
