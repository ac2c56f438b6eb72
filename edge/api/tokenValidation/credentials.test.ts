import { describe, expect, test } from "vitest";
import { createTestApi, given, type TestApi, zoneId } from "../testing.ts";
import { es256, es384, es512, hs256, rs256, secretOf, weakRsa } from "./testKeys.ts";

const path = `/zones/${zoneId}/token_validation/config`;

async function withKeys(keys: readonly unknown[], test: TestApi = createTestApi()) {
  const made = await test.send("POST", path, {
    title: "t",
    description: "",
    token_sources: ['http.request.headers["authorization"][0]'],
    token_type: "JWT",
    credentials: { keys },
  });
  const id: string = made.json.result.id;
  return {
    ...test,
    id,
    write: (method: "PUT" | "PATCH", sent: unknown) =>
      test.send(method, `${path}/${id}/credentials`, { keys: sent }),
    stored: () => test.world.zone(zoneId).tokenConfigurations[0]?.keys,
  };
}

describe("PUT replaces the whole set", () => {
  test("the SDK and an older client find the keys in their places, in the order sent", async () => {
    const { client, id, stored, send } = await withKeys([es256("a"), hs256("b")]);
    const keys = [hs256("c", 9), es384("d"), rs256("e")];
    const answer = await client.tokenValidation.configuration.credentials.update(
      id,
      given({
        zone_id: zoneId,
        keys,
      }),
    );
    const redacted = [{ alg: "HS256", kid: "c", kty: "oct" }, es384("d"), rs256("e")];
    expect(answer).toEqual({ keys: redacted });
    expect(stored()).toEqual(keys);
    const raw = await send("PUT", `${path}/${id}/credentials`, { keys });
    expect(raw.json.keys).toEqual(redacted);
    expect(raw.json.result).toEqual({ keys: redacted });
    expect(raw.text).not.toContain(secretOf(32, 9));
  });

  test("a key left out is gone, and an oct key must bring its secret", async () => {
    const { write, stored } = await withKeys([es256("a"), hs256("b")]);
    const answer = await write("PUT", [{ kty: "oct", alg: "HS256", kid: "b" }]);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([
      {
        code: 190203,
        message: "keys[0].k is required for a new oct key",
        source: { pointer: "/keys/0/k" },
      },
    ]);
    expect(stored()).toEqual([es256("a"), hs256("b")]);
    expect((await write("PUT", [es256("a")])).status).toBe(200);
    expect(stored()).toEqual([es256("a")]);
  });
});

describe("PATCH states the whole set too", () => {
  test("a known {alg,kid} without k keeps its secret, one left out is removed", async () => {
    const { client, id, stored } = await withKeys([hs256("a", 1), hs256("b", 2), es256("c")]);
    const answer = await client.tokenValidation.configuration.credentials.edit(
      id,
      given({
        zone_id: zoneId,
        keys: [
          { kty: "oct", alg: "HS256", kid: "b" },
          { kty: "oct", alg: "HS256", kid: "new", k: secretOf(32, 3) },
        ],
      }),
    );
    expect(answer).toEqual({
      keys: [
        { alg: "HS256", kid: "b", kty: "oct" },
        { alg: "HS256", kid: "new", kty: "oct" },
      ],
    });
    expect(stored()).toEqual([hs256("b", 2), hs256("new", 3)]);
  });

  test("k replaces the secret under the same identity", async () => {
    const { write, stored } = await withKeys([hs256("a", 1)]);
    await write("PATCH", [hs256("a", 5)]);
    expect(stored()).toEqual([hs256("a", 5)]);
  });

  test.each([
    [
      "another alg",
      { kty: "oct", alg: "HS384", kid: "a" },
      190203,
      "keys[0].k is required for a new oct key",
    ],
    [
      "another kid",
      { kty: "oct", alg: "HS256", kid: "z" },
      190203,
      "keys[0].k is required for a new oct key",
    ],
    [
      "k: null",
      { kty: "oct", alg: "HS256", kid: "a", k: null },
      10016,
      "keys[0].k: must be a non-empty string",
    ],
    [
      "an EC key without its point",
      { kty: "EC", alg: "ES256", kid: "a", crv: "P-256" },
      10016,
      "keys[0].x: must be a non-empty string",
    ],
  ])("%s is refused", async (_what, key, code, message) => {
    const { write, stored } = await withKeys([hs256("a", 1)]);
    const answer = await write("PATCH", [key]);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toMatchObject({ code, message });
    expect(stored()).toEqual([hs256("a", 1)]);
  });
});

describe("normalization", () => {
  test("RSA without alg becomes RS256 and is announced with index and kid, on create and on update", async () => {
    const { alg: _alg, ...without } = rs256("key-1");
    const made = await createTestApi().send("POST", path, {
      title: "t",
      description: "",
      token_sources: ['http.request.headers["authorization"][0]'],
      token_type: "JWT",
      credentials: { keys: [es256("a"), without] },
    });
    const message = {
      code: 110003,
      message: 'keys[1].alg was omitted and defaulted to "RS256" (kid "key-1")',
    };
    expect(made.json.messages).toEqual([message]);
    expect(made.json.result.credentials.keys[1]).toEqual(rs256("key-1"));
    const { write, stored } = await withKeys([es256("a")]);
    for (const method of ["PUT", "PATCH"] as const) {
      expect((await write(method, [es256("a"), without])).json.messages).toEqual([message]);
      expect(stored()?.[1]).toEqual(rs256("key-1"));
    }
  });

  test("members that are not needed go", async () => {
    const { write, stored } = await withKeys([es256("a")]);
    await write("PUT", [{ ...es256("a"), use: "sig", x5c: [], d: "private" }]);
    expect(stored()).toEqual([es256("a")]);
  });

  test("unsupported keys are dropped in silence", async () => {
    const { write, stored } = await withKeys([es256("a")]);
    const answer = await write("PUT", [
      es512("x"),
      { kty: "OKP", crv: "Ed25519", alg: "EdDSA", kid: "y", x: "AAAA" },
      { ...es256("z"), alg: "ES384" },
      es256("a"),
    ]);
    expect(answer.status).toBe(200);
    expect(answer.json.messages).toEqual([]);
    expect(answer.json.result.keys).toEqual([es256("a")]);
    expect(stored()).toEqual([es256("a")]);
  });

  test("an empty set is accepted and locks everybody out", async () => {
    const { write, stored } = await withKeys([es256("a")]);
    expect((await write("PUT", [es512("x")])).status).toBe(200);
    expect(stored()).toEqual([]);
  });
});

describe("conditions of a key", () => {
  test.each([
    ["HS256", 31, 32],
    ["HS384", 47, 48],
    ["HS512", 63, 64],
  ])("%s with %i bytes", async (alg, bytes, least) => {
    const { write } = await withKeys([es256("a")]);
    const key = (length: number) => ({ kty: "oct", alg, kid: "h", k: secretOf(length) });
    expect((await write("PUT", [key(bytes)])).json.errors).toEqual([
      {
        code: 190201,
        message: `keys[0]: k holds ${bytes} bytes, ${alg} needs at least ${least}`,
        source: { pointer: "/keys/0" },
      },
    ]);
    expect((await write("PUT", [key(least)])).status).toBe(200);
  });

  test("padding, the other alphabet and bits left over", async () => {
    const { write } = await withKeys([es256("a")]);
    // The last two end in a lone character and in bits that no encoder leaves over.
    for (const k of [`${secretOf(32)}=`, `${"+/".repeat(30)}`, "A".repeat(45), `${"A".repeat(42)}B`]) {
      const answer = await write("PUT", [{ kty: "oct", alg: "HS256", kid: "h", k }]);
      expect(answer.json.errors[0].message).toBe("keys[0]: k must be Base64url without padding");
      expect(answer.text).not.toContain(k);
    }
  });

  test("a weak or broken asymmetric key, which by choice is dropped", async () => {
    const broken = { ...es256("b"), y: es256("b").x };
    const { write } = await withKeys([es256("a")]);
    const answer = await write("PUT", [weakRsa("w"), broken, { ...rs256("n"), n: "" }]);
    expect(answer.json.errors.map((each: { message: string }) => each.message)).toEqual([
      "keys[0]: the modulus has 1024 bits, at least 2048 are needed",
      "keys[1]: x, y are no point on P-256",
      "keys[2]: the modulus has 0 bits, at least 2048 are needed",
    ]);
  });

  test("{alg,kid} is unique; one kid under two algorithms is not doubled", async () => {
    const { write, stored } = await withKeys([es256("a")]);
    const answer = await write("PUT", [es256("k"), es256("k")]);
    expect(answer.json.errors).toEqual([
      {
        code: 190202,
        message: "keys[1]: alg ES256 and kid k occur twice in the set",
        source: { pointer: "/keys/1" },
      },
    ]);
    expect((await write("PUT", [es256("k"), es384("k")])).status).toBe(200);
    expect(stored()?.length).toBe(2);
  });

  test("16 keys, not 17", async () => {
    const { write } = await withKeys([es256("a")]);
    const keys = Array.from({ length: 17 }, (_, index) => es256(`k${index}`));
    expect((await write("PUT", keys.slice(0, 16))).status).toBe(200);
    expect((await write("PUT", keys)).json.errors).toEqual([
      {
        code: 190102,
        message: "exceeded maximum number of keys: 17 out of 16",
        source: { pointer: "/keys" },
      },
    ]);
  });

  test("kid, alg and kty are required; an oct key must state alg", async () => {
    const { write } = await withKeys([es256("a")]);
    const answer = await write("PUT", [{}, { kty: "oct", kid: "h", k: secretOf(32) }]);
    expect(answer.json.errors.map((each: { source: { pointer: string } }) => each.source.pointer)).toEqual([
      "/keys/0/kty",
      "/keys/0/kid",
      "/keys/0/alg",
      "/keys/1/alg",
    ]);
  });
});

test("last_updated stays on a credentials write", async () => {
  const { write, advance, send, id } = await withKeys([es256("a")]);
  advance(60_000);
  await write("PUT", [es256("b")]);
  expect((await send("GET", `${path}/${id}`)).json.result.last_updated).toBe("2026-11-22T12:00:00.000000Z");
});
