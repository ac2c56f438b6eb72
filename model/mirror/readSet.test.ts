import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { readSet } from "./readSet.ts";

const context = { declared: [], limit: 16 };

async function publicKey(alg: string, modulusLength?: number) {
  const options = { extractable: true, ...(modulusLength === undefined ? {} : { modulusLength }) };
  const pair = await generateKeyPair(alg, options);
  return { ...pair, jwk: await exportJWK(pair.publicKey) };
}

const made = Promise.all([publicKey("ES256"), publicKey("RS256"), publicKey("ES384")]);
const [ec, rsa, ec384] = await made;
const own = (jwk: JWK, more: object) => ({ ...jwk, ...more });
const read = (keys: readonly object[], more: object = {}) =>
  readSet(JSON.stringify({ keys }), { ...context, ...more });
const taken = async (keys: readonly object[], more: object = {}) =>
  (await read(keys, more)).keys.map(({ kid, algorithm, size }) => `${kid} ${algorithm} ${size}`);

describe("a key gets its alg", () => {
  test.each<[string, object[], object, string[]]>([
    ["from itself", [own(rsa.jwk, { kid: "a", alg: "PS384" })], {}, ["a PS384 2048"]],
    [
      "from its curve",
      [own(ec384.jwk, { kid: "b" }), own(ec.jwk, { kid: "a" })],
      {},
      ["a ES256 0", "b ES384 0"],
    ],
    ["from the ring", [own(rsa.jwk, { kid: "a" })], { declared: ["RS512", "ES256"] }, ["a RS512 2048"]],
    [
      "from the ring before the discovery document",
      [own(rsa.jwk, { kid: "a" })],
      { declared: ["RS512"], discovered: ["RS256"] },
      ["a RS512 2048"],
    ],
    [
      "from the discovery document, whatever it lists of other types",
      [own(rsa.jwk, { kid: "a" })],
      { discovered: ["HS256", "RS256", "ES256"] },
      ["a RS256 2048"],
    ],
  ])("%s", async (_label, keys, more, expected) => {
    expect(await taken(keys, more)).toEqual(expected);
  });

  test("and nothing that Cloudflare does not keep", async () => {
    const key = own(ec.jwk, { kid: "a", use: "sig", key_ops: ["verify"], x5t: "t", x5c: ["c"] });
    const { x, y } = ec.jwk;
    expect((await read([key])).keys).toEqual([
      { kid: "a", algorithm: "ES256", size: 0, jwk: { kty: "EC", crv: "P-256", x, y } },
    ]);
  });
});

describe("left out with a notice, the others are taken", () => {
  test.each<[string, object, string, object?]>([
    ["for encryption", own(rsa.jwk, { kid: "e", use: "enc" }), "key e is left out: it is for enc"],
    [
      "with other operations",
      own(rsa.jwk, { kid: "e", key_ops: ["wrapKey"] }),
      "key e is left out: its key_ops have no verify",
    ],
    [
      "of another type",
      { kty: "OKP", crv: "X25519", x: "AA", kid: "e" },
      "key e is left out: Cloudflare takes no keys of type OKP",
    ],
    [
      "on another curve",
      { kty: "EC", crv: "P-521", x: "AA", y: "AA", kid: "e" },
      "key e is left out: Cloudflare takes no keys on the curve P-521",
    ],
    [
      "for another algorithm",
      own(rsa.jwk, { kid: "e", alg: "RSA-OAEP" }),
      "key e is left out: Cloudflare does not verify RSA-OAEP",
    ],
    [
      "that the ring does not name",
      own(rsa.jwk, { kid: "e", alg: "RS256" }),
      "key e is left out: RS256 is none of the ring's algorithms",
      { declared: ["ES256"] },
    ],
  ])("%s", async (_label, key, notice, more = {}) => {
    const answer = await read([key, own(ec.jwk, { kid: "a" })], more);
    expect([answer.keys.map(({ kid }) => kid), answer.notices, answer.reasons]).toEqual([
      ["a"],
      [notice],
      [],
    ]);
  });
});

describe("a reason to take nothing at all", () => {
  const weak = { kty: "RSA", n: Buffer.alloc(128, 0xff).toString("base64url"), kid: "w", alg: "RS256" };
  const exponent = (e: string) => own(rsa.jwk, { kid: "x", alg: "RS256", e });

  test.each<[string, object[], string[], object?]>([
    [
      "an RSA key that may be any",
      [own(rsa.jwk, { kid: "a" })],
      [
        "key a has no alg, and an RSA key may be any of RS256, RS384, RS512, PS256, PS384, PS512: ask whoever makes it, and say it in the ring, such as algorithms: [RS256]",
      ],
      { discovered: ["RS256", "PS256"] },
    ],
    [
      "an EC key without a curve",
      [{ kty: "EC", kid: "a", x: "AA", y: "AA" }],
      ["key a is an EC key without a curve, so its alg cannot be known"],
    ],
    [
      "an alg of another type",
      [own(ec.jwk, { kid: "a", alg: "ES384" })],
      ["key a says alg ES384 and is a key on P-256"],
    ],
    [
      "a short modulus",
      [{ ...weak, e: "AQAB" }],
      ["key w has a modulus of 1024 bits; below 2048 it can be broken"],
    ],
    [
      "exponent 1",
      [exponent("AQ")],
      ["key x has the exponent 1, with which every signature is its own message"],
    ],
    ["an even exponent", [exponent("AQAC")], ["key x has an even exponent, which no RSA key has"]],
    ["no kid", [own(ec.jwk, {})], ["key 1 has no kid, and Cloudflare finds a key by nothing else"]],
    [
      "a kid for a terminal",
      [own(ec.jwk, { kid: "a\u001b[31m" })],
      ["key a?[31m has a kid that is not 1 to 200 printable ASCII characters"],
    ],
    [
      "a doubled kid",
      [own(ec.jwk, { kid: "a" }), own(ec384.jwk, { kid: "a" })],
      ["the kid a stands at 2 keys"],
    ],
    [
      "too many keys",
      [own(ec.jwk, { kid: "a" }), own(ec384.jwk, { kid: "b" })],
      [
        "2 keys are more than the 1 that a token configuration holds: algorithms: [...] takes those of some algorithms alone",
      ],
      { limit: 1 },
    ],
    ["no key", [], ["the set has no key"]],
    [
      "a point off its curve",
      [{ ...ec.jwk, y: ec.jwk.x, kid: "a" }],
      ["key a is no ES256 key: its numbers do not fit"],
    ],
    [
      "everything at once",
      [own(ec.jwk, {}), exponent("AQ")],
      [
        "key 1 has no kid, and Cloudflare finds a key by nothing else",
        "key x has the exponent 1, with which every signature is its own message",
      ],
    ],
  ])("%s", async (_label, keys, reasons, more = {}) => {
    const answer = await read(keys, more);
    expect([answer.keys, answer.reasons]).toEqual([[], reasons]);
  });

  test("a private member, of whichever key, and it is not shown", async () => {
    const jwk = await exportJWK(ec.privateKey);
    const answer = await read([
      { ...jwk, kid: "a" },
      { kty: "oct", k: "c2VjcmV0", kid: "b" },
    ]);
    expect(answer).toEqual({
      keys: [],
      notices: [],
      reasons: [
        "key a has the private member d: treat it as leaked and have whoever publishes it make another one",
        "key b has the private member k: treat it as leaked and have whoever publishes it make another one",
      ],
    });
  });

  test.each<[string, string, string]>([
    ["HTML", "<html>", "the answer is not JSON, so it is no key set"],
    ["cut short", '{"keys":[{"kty"', "the answer is not JSON, so it is no key set"],
    ["an error", "{}", "the JSON is no key set (RFC 7517 section 5): keys does not fit"],
    [
      "keys without a type",
      '{"keys":[{}]}',
      "the JSON is no key set (RFC 7517 section 5): keys.0.kty does not fit",
    ],
    ["too much", `"${"x".repeat(65536)}"`, "the set is larger than 64 KiB"],
  ])("what is no set: %s", async (_label, text, reason) => {
    expect(await readSet(text, context)).toEqual({ keys: [], notices: [], reasons: [reason] });
  });
});

describe("a file", () => {
  test("of one JWK or one PEM key takes the kid that the ring says", async () => {
    const pem = await exportSPKI(rsa.publicKey);
    for (const text of [pem, JSON.stringify(rsa.jwk)]) {
      const { keys } = await readSet(text, { ...context, declared: ["RS256"] }, "hsm-1");
      expect(keys).toEqual([
        { kid: "hsm-1", algorithm: "RS256", size: 2048, jwk: { kty: "RSA", n: rsa.jwk.n, e: "AQAB" } },
      ]);
    }
  });

  test("of PEM keys without one takes their thumbprints (RFC 7638)", async () => {
    const text = `${await exportSPKI(ec.publicKey)}\n${await exportSPKI(ec384.publicKey)}`;
    const { keys, reasons } = await readSet(text, context);
    expect(reasons).toEqual([]);
    expect(keys.map(({ algorithm }) => algorithm).sort()).toEqual(["ES256", "ES384"]);
    expect(keys.every(({ kid }) => /^[\w-]{43}$/.test(kid))).toBe(true);
  });

  test("with a private key is refused, and nothing of it shown", async () => {
    const text = await exportPKCS8(ec.privateKey);
    expect((await readSet(text, context)).reasons).toEqual([
      "the file holds a private key: treat it as leaked, make another one, and give its public part (openssl pkey -pubout)",
    ]);
  });
});
