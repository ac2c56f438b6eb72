import { generateKeyPairSync } from "node:crypto";
import type { JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { algorithms } from "../../model/facts/algorithms.ts";
import { keyProblem } from "./keyProblem.ts";
import { makeKey } from "./testKeys.ts";

const oct = (bytes: number): JWK => ({
  kty: "oct",
  k: Buffer.alloc(bytes, 7).toString("base64url"),
  kid: "k",
});

describe("keyProblem", () => {
  let rsa: JWK;
  let ec: JWK;
  beforeAll(async () => {
    rsa = await makeKey("RS256", "r");
    ec = await makeKey("ES256", "e");
  });

  it.each(algorithms.map((row) => row.alg))("takes a good %s key", async (alg) => {
    expect(keyProblem(await makeKey(alg, "k"))).toBeUndefined();
  });

  it.each([
    ["HS256", 32, 31],
    ["HS384", 48, 47],
    ["HS512", 64, 63],
  ])("wants %s secrets of %i bytes", (alg, enough, short) => {
    expect(keyProblem({ ...oct(enough), alg })).toBeUndefined();
    expect(keyProblem({ ...oct(short), alg })).toBe(
      `${alg} needs a secret of ${enough} bytes or more, this one has ${short}`,
    );
  });

  it("counts the bits of an RSA modulus", () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 2047 }).publicKey.export({
      format: "jwk",
    }) as JWK;
    expect(keyProblem({ ...short, alg: "PS256" })).toBe(
      "PS256 needs 2048 bits or more, the modulus has 2047",
    );
    const padded = Buffer.concat([Buffer.alloc(2), Buffer.from(short.n ?? "", "base64url")]).toString(
      "base64url",
    );
    expect(keyProblem({ ...short, alg: "PS256", n: padded })).toBe(
      "PS256 needs 2048 bits or more, the modulus has 2047",
    );
    expect(keyProblem({ ...rsa, n: "AAAA" })).toBe("RS256 needs 2048 bits or more, the modulus has 0");
  });

  it("says what does not fit", () => {
    expect(keyProblem({ ...ec, alg: "ES512" })).toBe('alg "ES512": Cloudflare does not verify ES512');
    expect(keyProblem({ ...ec, alg: "XX" })).toBe('alg "XX": Cloudflare does not know it');
    expect(keyProblem({ ...ec, alg: "RS256" })).toBe('RS256 needs kty RSA, the key has "EC"');
    expect(keyProblem({ ...ec, alg: "ES384" })).toBe('ES384 needs crv P-384, the key has "P-256"');
    // Cloudflare does not look at it, and verifies.
    expect(keyProblem({ ...rsa, use: "enc" })).toBeUndefined();
    expect(keyProblem({ ...rsa, e: "AQ" })).toBe("its exponent is 1: anybody can sign with it");
    expect(keyProblem({ ...ec, x: ec.y ?? "" })).toBe("`x` and `y` are no point on P-256");
    expect(keyProblem({ ...ec, kid: "" })).toBe("its `kid` is no text, or empty");
    expect(keyProblem({ kty: "EC", crv: "P-256", x: "AA", alg: "ES256" })).toBe("it has no `y`");
    expect(keyProblem({ kty: "EC", crv: "P-256", x: "AA", y: "AA" })).toBe("it has no `alg`");
    expect(keyProblem({ kty: "oct", alg: "HS256" })).toBe("it has no `k`");
    expect(keyProblem({ ...oct(33), alg: "HS256", k: `${oct(32).k}=` })).toBe(
      "`k` is not base64url without padding",
    );
  });
});
