import { createHmac, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type Choices, resolveChoices } from "../choices.ts";
import type { StoredKey, TokenConfiguration } from "../world/types.ts";
import { JWS_ALGORITHMS } from "./algorithms.ts";
import { prepareConfiguration } from "./configuration.ts";
import { type TokenVerdict, validateRequest, validateToken } from "./validate.ts";

const NOW = 1_800_000_000;
const CHOICES = resolveChoices();

function configuration(keys: readonly StoredKey[]): TokenConfiguration {
  return {
    id: "f9c5615e-fe15-48ce-bec6-cfc1946f1bec",
    title: "",
    description: "",
    token_type: "JWT",
    token_sources: ['http.request.headers["authorization"][0]'],
    keys,
    created_at: "",
    last_updated: "",
  };
}

function outcome(verdict: TokenVerdict): string {
  return verdict.valid ? "valid" : verdict.problem;
}

function validate(keys: readonly StoredKey[], token: string, choices: Choices = CHOICES): TokenVerdict {
  return validateToken(prepareConfiguration(configuration(keys)), token, NOW * 1000, choices);
}

async function keyPair(alg: string): Promise<{ readonly signer: KeyObject; readonly stored: StoredKey }> {
  const row = JWS_ALGORITHMS.get(alg)!;
  if (row.kty === "oct") {
    const { createSecretKey } = await import("node:crypto");
    const secret = randomBytes(64);
    const stored = { kid: "k1", alg, kty: "oct" as const, k: secret.toString("base64url") };
    return { signer: createSecretKey(secret), stored };
  }
  const { privateKey, publicKey } =
    row.kty === "EC"
      ? generateKeyPairSync("ec", { namedCurve: row.crv! })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  return { signer: privateKey, stored: { ...jwk, kid: "k1", alg, kty: row.kty } as StoredKey };
}

const secret = Buffer.alloc(32, 7);
const hmacKey: StoredKey = { kid: "k1", alg: "HS256", kty: "oct", k: secret.toString("base64url") };

/** A correctly signed HS256 token around any bytes, so that only the part under test is wrong. */
function forge(payload: string | Buffer, header: string = '{"alg":"HS256","kid":"k1"}'): string {
  const signed = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

describe("algorithms", () => {
  it.each([...JWS_ALGORITHMS.keys()])("%s: accepts jose's signature and nothing else", async (alg) => {
    const { signer, stored } = await keyPair(alg);
    const other = await keyPair(alg);
    const sign = (key: KeyObject, kid = "k1") =>
      new SignJWT({ sub: "alice" })
        .setProtectedHeader({ alg, kid })
        .setExpirationTime(NOW + 60)
        .sign(key);
    const token = await sign(signer);
    const accepted = validate([stored], token);
    expect(accepted).toEqual({
      valid: true,
      present: true,
      document: JSON.stringify({ sub: "alice", exp: NOW + 60 }),
      claims: { sub: "alice", exp: NOW + 60 },
    });
    expect(outcome(validate([stored], await sign(other.signer)))).toBe("badSignature");
    expect(outcome(validate([stored], await sign(signer, "k2")))).toBe("noMatchingKey");
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const bytes = Buffer.from(signature, "base64url");
    bytes[3]! ^= 1;
    expect(outcome(validate([stored], `${header}.${payload}.${bytes.toString("base64url")}`))).toBe(
      "badSignature",
    );
    const changed = Buffer.from(JSON.stringify({ sub: "mallory", exp: NOW + 60 })).toString("base64url");
    expect(outcome(validate([stored], `${header}.${changed}.${signature}`))).toBe("badSignature");
    expect(outcome(validate([stored], `${header}.${payload}.`))).toBe("badSignature");
    expect(outcome(validate([stored], `${header}.${payload}.${signature.slice(4)}`))).toBe("badSignature");
  });
});

describe("key selection", () => {
  it("needs kid and alg to be those of one key", () => {
    const other: StoredKey = { ...hmacKey, alg: "HS512", k: Buffer.alloc(64, 1).toString("base64url") };
    const claims = JSON.stringify({ sub: "a" });
    expect(outcome(validate([other, hmacKey], forge(claims)))).toBe("valid");
    expect(outcome(validate([other], forge(claims)))).toBe("noMatchingKey");
    expect(outcome(validate([hmacKey], forge(claims, '{"alg":"HS512","kid":"k1"}')))).toBe("noMatchingKey");
    expect(outcome(validate([hmacKey], forge(claims, '{"alg":"none","kid":"k1"}')))).toBe("noMatchingKey");
    expect(outcome(validate([hmacKey], forge(claims, '{"alg":"HS256"}')))).toBe("malformed");
    expect(outcome(validate([], forge(claims)))).toBe("noMatchingKey");
  });

  it("does not take an RSA public key for an HMAC secret", async () => {
    const { stored } = await keyPair("RS256");
    const confused = { ...stored, alg: "HS256" };
    expect(outcome(validate([confused], forge("{}")))).toBe("noMatchingKey");
  });

  it("has no empty secret", () => {
    const empty = `${Buffer.from('{"alg":"HS256","kid":"k1"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}`;
    const token = `${empty}.${createHmac("sha256", "").update(empty).digest("base64url")}`;
    expect(outcome(validate([{ ...hmacKey, k: "" }], token))).toBe("noMatchingKey");
  });

  it("ignores a key that cannot be imported and uses the others", () => {
    const broken: StoredKey = { kid: "k0", alg: "ES256", kty: "EC", crv: "P-256", x: "AA", y: "AA" };
    expect(outcome(validate([broken, hmacKey], forge("{}")))).toBe("valid");
  });
});

describe("exp and nbf", () => {
  it.each([
    ['{"exp":1799999941}', "valid"],
    ['{"exp":1799999940}', "expired"],
    ['{"exp":1800000000}', "valid"],
    ['{"nbf":1800000060}', "valid"],
    ['{"nbf":1800000061}', "notYetValid"],
    ['{"exp":0}', "expired"],
    ['{"exp":-1}', "expired"],
    ["{}", "valid"],
    ['{"exp":"1900000000"}', "badClaims"],
    ['{"exp":null}', "badClaims"],
    ['{"exp":true}', "badClaims"],
    ['{"exp":[1900000000]}', "badClaims"],
    ['{"exp":{}}', "badClaims"],
    ['{"exp":1900000000.5}', "badClaims"],
    ['{"exp":1e300}', "badClaims"],
    ['{"exp":1e400}', "badClaims"],
    ['{"exp":9007199254740993}', "badClaims"],
    ['{"nbf":"0"}', "badClaims"],
    ['{"nbf":null}', "badClaims"],
    ['{"nbf":-1e300}', "badClaims"],
  ])("%s is %s", (claims, expected) => {
    expect(outcome(validate([hmacKey], forge(claims)))).toBe(expected);
  });

  it("follows the table of choices", () => {
    const under = (overrides: Partial<Choices>, claims: string) =>
      outcome(validate([hmacKey], forge(claims), resolveChoices(overrides)));
    expect(under({ leewayEdge: "inclusive" }, '{"exp":1799999940}')).toBe("valid");
    expect(under({ fractionalTime: "exact" }, '{"exp":1799999940.5}')).toBe("valid");
    expect(under({ fractionalTime: "floor" }, '{"exp":1799999940.5}')).toBe("expired");
    expect(under({ hugeTime: "accept" }, '{"exp":1e300}')).toBe("valid");
    expect(under({ stringTime: "parse" }, '{"exp":"1900000000"}')).toBe("valid");
    expect(under({ stringTime: "parse" }, '{"exp":"soon"}')).toBe("badClaims");
  });
});

describe("validateRequest", () => {
  it("says missing where no source is set, and judges what the source holds", () => {
    const prepared = prepareConfiguration(configuration([hmacKey]));
    const judge = (value: string | undefined) =>
      validateRequest(prepared, { header: () => value, cookie: () => "ignored" }, NOW * 1000, CHOICES);
    expect(judge(undefined)).toEqual({ valid: false, present: false, problem: "missing" });
    expect(judge(`Bearer ${forge("{}")}`)).toEqual({
      valid: true,
      present: true,
      document: "{}",
      claims: {},
    });
  });
});

describe("malformed tokens", () => {
  const good = forge('{"sub":"a"}');
  const [header, payload, signature] = good.split(".") as [string, string, string];

  it.each([
    ["empty", ""],
    ["one segment", header],
    ["two segments", `${header}.${payload}`],
    ["four segments", `${good}.AAAA`],
    ["five segments, as a JWE", `${good}.AAAA.AAAA`],
    ["empty header", `.${payload}.${signature}`],
    ["only dots", ".."],
    ["padding", `${header}.${payload}.${signature}=`],
    ["standard base64", `${header}.${payload}.${signature.slice(0, -1)}+`],
    ["a blank", `${header} .${payload}.${signature}`],
    ["a line break at the end", `${good}\n`],
    ["an impossible length", `${header}A.${payload}.${signature}`],
    ["non-ASCII", `${header}.${payload}é.${signature}`],
    ["too long", `${header}.${"A".repeat(16_384)}.${signature}`],
    ["a header that is no JSON", forge("{}", "kid")],
    ["a header that is an array", forge("{}", '["HS256","k1"]')],
    ["a header with a doubled alg", forge("{}", '{"alg":"none","kid":"k1","alg":"HS256"}')],
    ["a header with a doubled escaped kid", forge("{}", '{"alg":"HS256","kid":"k1","k\\u0069d":"k1"}')],
    ["a header with a numeric kid", forge("{}", '{"alg":"HS256","kid":1}')],
    ["a header with crit", forge("{}", '{"alg":"HS256","kid":"k1","crit":["b64"],"b64":false}')],
    ["a header with a byte order mark", forge("{}", '\ufeff{"alg":"HS256","kid":"k1"}')],
  ])("%s", (_name, token) => {
    expect(outcome(validate([hmacKey], token))).toBe("malformed");
  });

  it.each([
    ["null", "null"],
    ["a string", '"sub"'],
    ["an array", '[{"sub":"a"}]'],
    ["a number", "1"],
    ["empty", ""],
    ["doubled members", '{"sub":"a","sub":"b"}'],
    ["doubled nested members", '{"user":{"id":1,"id":2}}'],
    ["doubled members in an array", '{"list":[{"id":1,"id":2}]}'],
    ["trailing text", '{"sub":"a"}x'],
    ["deep arrays", `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`],
    ["deep objects", `${'{"a":'.repeat(1500)}1${"}".repeat(1500)}`],
    ["bad UTF-8", Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
    ["an open string", '{"sub":"a'],
  ])("claims: %s", (_name, claims) => {
    expect(outcome(validate([hmacKey], forge(claims)))).toBe("badClaims");
  });

  it("accepts colons in strings, escapes, and a member called __proto__", () => {
    const claims = '{"a":"b:c\\":","__proto__":{"admin":true},"x":{"a":1},"list":[{"a":1},{"a":2}]}';
    const verdict = validate([hmacKey], forge(claims));
    expect(verdict.valid && verdict.document).toBe(claims);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("reads a quote in a member name, whatever was read before", () => {
    const read = (name: string) => {
      const verdict = validate([hmacKey], forge(`{"before":1,${JSON.stringify(name)}:2}`));
      return verdict.valid && Object.keys(verdict.claims);
    };
    for (const name of ["\\", '"', "a\\", 'a"', "\\u0022", "\\\\", '\\"'])
      expect(read(name)).toEqual(["before", name]);
  });

  it("knows only one spelling of a signature", () => {
    const last = signature.at(-1)!;
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const twin = digits[digits.indexOf(last) ^ 1]!;
    expect(Buffer.from(signature.slice(0, -1) + twin, "base64url")).toEqual(
      Buffer.from(signature, "base64url"),
    );
    expect(outcome(validate([hmacKey], `${header}.${payload}.${signature.slice(0, -1)}${twin}`))).toBe(
      "malformed",
    );
  });

  it("does not count as present where only three segments do", () => {
    const choices = resolveChoices({ presentMeans: "threeSegments" });
    expect(validate([hmacKey], "Basic abc", choices).present).toBe(false);
    expect(validate([hmacKey], "a.b.c", choices).present).toBe(true);
    expect(validate([hmacKey], "Basic abc").present).toBe(true);
  });
});
