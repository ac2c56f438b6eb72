import { createPrivateKey, createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { TokenInputError } from "./findings.ts";
import { type KeyHints, readKeys } from "./readKeys.ts";
import { makeKey } from "./testKeys.ts";

describe("readKeys", () => {
  let ec: JWK;
  let rsa: JWK;
  beforeAll(async () => {
    ec = await makeKey("ES384", "e1");
    rsa = await makeKey("RS256", "r1");
  });
  const pem = (jwk: JWK, type: "spki" | "pkcs8") =>
    type === "spki"
      ? createPublicKey({ key: jwk as never, format: "jwk" }).export({ type, format: "pem" })
      : createPrivateKey({ key: jwk as never, format: "jwk" }).export({ type, format: "pem" });

  it("reads a JWK as it is", () => {
    expect(readKeys(JSON.stringify(ec))).toEqual([{ jwk: ec, label: "the JWK", assumed: [] }]);
  });

  it("reads a JWKS, and hints do not touch its keys", () => {
    const { kid: _, alg: __, ...bare } = rsa;
    expect(readKeys(JSON.stringify({ keys: [ec, bare] }), { kid: "x", alg: "PS256" })).toEqual([
      { jwk: ec, label: "key 1 of the JWKS", assumed: [] },
      { jwk: { ...bare, alg: "RS256" }, label: "key 2 of the JWKS", assumed: ["kid", "alg"] },
    ]);
  });

  it("reads an SPKI PEM: alg of an EC key from its curve, of an RSA key as Cloudflare defaults it", () => {
    const { crv, x, y } = ec;
    expect(readKeys(`\n${pem(ec, "spki")}`)).toEqual([
      { jwk: { kty: "EC", crv, x, y, alg: "ES384" }, label: "the PEM key", assumed: ["kid", "alg"] },
    ]);
    const { n, e } = rsa;
    expect(readKeys(String(pem(rsa, "spki")), { kid: "r1" })).toEqual([
      { jwk: { kty: "RSA", n, e, kid: "r1", alg: "RS256" }, label: "the PEM key", assumed: ["alg"] },
    ]);
    expect(readKeys(String(pem(rsa, "spki")), { kid: "r1", alg: "PS384" })[0]).toMatchObject({
      jwk: { alg: "PS384" },
      assumed: [],
    });
  });

  it("reads an EC key as openssl writes it, behind a block of parameters", () => {
    const sec1 = createPrivateKey({ key: ec as never, format: "jwk" }).export({
      type: "sec1",
      format: "pem",
    });
    const parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n";
    expect(readKeys(`${parameters}${sec1}`, { kid: "e1" })[0]?.jwk).toEqual(ec);
  });

  it("refuses a set in which two keys have kid and alg in common", () => {
    const other = { ...rsa, alg: "PS256" };
    expect(readKeys(JSON.stringify({ keys: [rsa, other] }))).toHaveLength(2);
    expect(() => readKeys(JSON.stringify({ keys: [rsa, other, rsa] }))).toThrow(
      'two keys of the set have the kid and alg "r1" (RS256)',
    );
  });

  it("reads a PKCS #8 PEM with its private part", () => {
    expect(readKeys(String(pem(ec, "pkcs8")), { kid: "e1" })[0]?.jwk).toEqual(ec);
  });

  it("takes everything else for a secret: UTF-8 bytes without one trailing line break", () => {
    const secret = (text: string, hints?: KeyHints) => readKeys(text, hints)[0];
    expect(secret("pässwort\r\n")).toEqual({
      jwk: { kty: "oct", k: Buffer.from("pässwort").toString("base64url"), alg: "HS256" },
      label: "the secret",
      assumed: ["kid", "alg"],
    });
    expect(secret(" a b\n", { kid: "k", alg: "HS512" })).toEqual({
      jwk: { kty: "oct", k: Buffer.from(" a b").toString("base64url"), kid: "k", alg: "HS512" },
      label: "the secret",
      assumed: [],
    });
  });

  it.each([
    ["  \n", "the key is empty"],
    ['{"kty":"EC"', "the key looks like JSON but cannot be parsed"],
    ['{"keys":[]}', "the key set is empty"],
    [
      "<!doctype html><title>401</title>",
      "the text is neither PEM nor JSON, and no secret either: it has several lines, or begins like a page",
    ],
    [
      "one\ntwo\n",
      "the text is neither PEM nor JSON, and no secret either: it has several lines, or begins like a page",
    ],
    ['{"keys":[{"k":"c2VjcmV0"}]}', "key 1 of the JWKS is no JWK: it has no `kty`"],
    ['{"keys":{"k":"c2VjcmV0"}}', "the JWK is no JWK: it has no `kty`"],
    [
      "-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----",
      "the PEM text holds no key that can be read",
    ],
  ])("refuses %j without quoting it", (text, message) => {
    const attempt = () => readKeys(text);
    expect(attempt).toThrow(TokenInputError);
    expect(attempt).toThrow(new TokenInputError("KEY_UNREADABLE", message));
    expect(message).not.toContain("c2VjcmV0");
  });
});
