import { describe, expect, it } from "vitest";
import { maskSecrets } from "./mask.ts";

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

  it("leaves everything else alone", () => {
    const text =
      'rules/api.yaml:3:5 RING_UNKNOWN: "kid": "e1", 1657026353-short, is_timed_hmac_valid_v0 is a function';
    expect(maskSecrets(text)).toBe(text);
  });
});
