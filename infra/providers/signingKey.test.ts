import { calculateJwkThumbprint, type JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../lab/engine/provider.ts";
import { native } from "../../tests/support/native.ts";

const { fromState } = native<typeof import("../../tests/support/serialized.ts")>(
  "tests/support/serialized.ts",
);

let provider: Provider;

beforeAll(async () => {
  provider = await fromState("SigningKey");
});

const INPUTS = { ring: "shop", key: "k1", algorithm: "ES256", size: 0 };

describe("a signing key", () => {
  test.each([
    ["ES256", 0, ["crv", "kty", "x", "y"], ["d"]],
    ["RS256", 3072, ["e", "kty", "n"], ["d", "dp", "dq", "p", "q", "qi"]],
  ] as const)(
    "%s: the kid is the thumbprint of the public part, which has no private member",
    async (algorithm, size, open, hidden) => {
      const { id, outputs } = await provider.create({ ...INPUTS, algorithm, size });
      const { kid, publicJwk, privateJwk } = outputs as { kid: string; publicJwk: JWK; privateJwk: JWK };
      expect(Object.keys(publicJwk).sort()).toEqual(open);
      expect(
        Object.keys(privateJwk)
          .filter((name) => !(name in publicJwk))
          .sort(),
      ).toEqual(hidden);
      expect([id, kid]).toEqual([await calculateJwkThumbprint(publicJwk), id]);
      expect(privateJwk).toMatchObject(publicJwk);
      expect(Buffer.from(publicJwk.n ?? "", "base64url")).toHaveLength(size / 8);
    },
  );

  test("two are never the same", async () => {
    expect((await provider.create(INPUTS)).id).not.toBe((await provider.create(INPUTS)).id);
  });

  test("keeps its algorithm and size for life", async () => {
    expect((await provider.check({}, INPUTS)).failures).toEqual([]);
    expect((await provider.check(INPUTS, INPUTS)).failures).toEqual([]);
    expect((await provider.check(INPUTS, { ...INPUTS, algorithm: "ES384" })).failures).toEqual([
      {
        property: "algorithm",
        reason: expect.stringMatching(/^KEY_CHANGED: key k1 of ring shop is ES256 and stays it for life/),
      },
    ]);
    expect(await provider.diff("id", INPUTS, { ...INPUTS, ring: "store" })).toEqual({
      changes: false,
      replaces: [],
    });
  });
});
