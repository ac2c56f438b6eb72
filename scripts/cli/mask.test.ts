import { describe, expect, it } from "vitest";
import { maskSecrets, secretsIn } from "./mask.ts";

const secret = "Zm9vYmFyYmF6c2VjcmV0LXRoYXQtbXVzdC1ub3Qtc2hvdw";
const mac = "ZXJWAyFwAgJSY-5j3CkJE80TatA33E3MEH4D_kSnh7M";

describe("maskSecrets", () => {
  it.each([
    ["a JWT", `bad token eyJhbGciOiJFUzI1NiJ9.${secret}.${secret}!`, "bad token [masked]!"],
    ["a JWT without signature", `eyJhbGciOiJub25lIn0.${secret}.`, "[masked]"],
    ["a JWK", `{"kty":"oct","k":"${secret}","kid":"k1"}`, '{"kty":"oct","k":"[masked]","kid":"k1"}'],
    ["a private EC JWK", `{"x":"pub","d" : "${secret}"}`, '{"x":"pub","d" : "[masked]"}'],
    ["a JWK quoted in JSON", `"{\\"k\\":\\"${secret}\\"}"`, '"{\\"k\\":\\"[masked]\\"}"'],
    ["an inspected object", `{ k: 1, 'dq': '${secret}' }`, "{ k: 1, 'dq': '[masked]' }"],
    [
      "a PEM",
      `x\n-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----\ny`,
      "x\n[masked]\ny",
    ],
    ["a PEM cut off", `-----BEGIN PRIVATE KEY-----\n${secret}`, "[masked]"],
    [
      "an expression",
      `not is_timed_hmac_valid_v0("${secret}", http.request.uri, 60)`,
      "not is_timed_hmac_valid_v0([masked], http.request.uri, 60)",
    ],
    [
      "an expression with an escape",
      `is_timed_hmac_valid_v0 ( "a\\"${secret}", x)`,
      "is_timed_hmac_valid_v0 ( [masked], x)",
    ],
    [
      "an expression quoted in JSON, rather too much than too little",
      `"is_timed_hmac_valid_v0(\\"${secret}\\", x)"`,
      '"is_timed_hmac_valid_v0([masked]',
    ],
    [
      "an expression with a raw string",
      `is_timed_hmac_valid_v0(r#"${secret}"#, x)`,
      "is_timed_hmac_valid_v0([masked], x)",
    ],
    [
      "an expression cut off",
      `near is_timed_hmac_valid_v0("${secret}`,
      "near is_timed_hmac_valid_v0([masked]",
    ],
    ["a link", `/a?verify=1657026353-${mac}`, "/a?verify=1657026353-[masked]"],
  ])("takes the secret out of %s", (_, text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    [
      "a JWT behind other dotted words",
      `api.example.eyJhbGciOiJFUzI1NiJ9.${secret}.x`,
      "api.example.[masked]",
    ],
    ["a JWT behind a short lookalike", `eyJ.eyJhbGciOiJFUzI1NiJ9.${secret}`, "eyJ.[masked]"],
    ["a raw string cut off", `is_timed_hmac_valid_v0(r"${secret}`, "is_timed_hmac_valid_v0([masked]"],
  ])("takes the secret out of %s, too", (_, text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it("takes every part of a known secret out", () => {
    expect(maskSecrets(`the API says ${secret.slice(3, 20)}`, [secret])).toBe("the API says [secret]");
  });

  it("takes time in proportion to the text", () => {
    for (const piece of [
      "eyJ",
      "-eyJ",
      "eyJ.",
      "\\",
      '\\"k',
      "is_timed_hmac_valid_v0(",
      "-----BEGIN ",
      "1234567890-",
    ]) {
      const time = (length: number) => {
        const begun = process.cpuUsage().user;
        maskSecrets(piece.repeat(length / piece.length));
        return process.cpuUsage().user - begun;
      };
      time(10_000);
      // 16 times the text, with a factor for a busy machine; a square would be 256.
      expect([piece, time(160_000) < 100 * Math.max(time(10_000), 1000)]).toEqual([piece, true]);
    }
  });

  it("leaves everything else alone", () => {
    const text =
      'rules/api.yaml:3:5 RING_UNKNOWN: "kid": "e1", 1657026353-short, is_timed_hmac_valid_v0 is a function';
    expect(maskSecrets(text)).toBe(text);
  });
});

describe("secretsIn", () => {
  it("finds the private members of keys, and nothing that is public", () => {
    const jwk = { kty: "EC", kid: "k1", x: "public", d: "private" };
    expect(secretsIn({ ring: { active: jwk, retired: [{ kty: "oct", k: "secret" }] } })).toEqual([
      "private",
      "secret",
    ]);
    expect(secretsIn("token")).toEqual(["token"]);
    expect(secretsIn(undefined)).toEqual([]);
  });
});
