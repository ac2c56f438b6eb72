import { describe, expect, test } from "vitest";
import { problem } from "../problem/codes.ts";
import { secretKind, secretProblems, show, withoutSecrets } from "./secrets.ts";
import { readSource } from "./source.ts";

describe("secretKind", () => {
  test.each([
    ["a PEM key", "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----"],
    ["a token", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0xxxx.c2lnbmF0dXJl"],
    ["a JWK", '{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ"}'],
    ["64 letters and digits", "aZ3kQ9mB7xR2tY6wE1cV5nJ8sD4fG0hLpOiUyTrEwQaSdFgHjKlZxCvBnM123456"],
    ["44 characters of Base64", "3q2+7wN5kB8xZ1vT4mR6yL9cJ0hD/fGsUeWaQpXoI7A="],
    ["hexadecimal", "00112233445566778899aabbccddeeff"],
    ["an inline HMAC secret", 'not is_timed_hmac_valid_v0 ("abc", http.request.uri, 1, 2)'],
    ["a raw one", 'is_timed_hmac_valid_v0(r#"abc"#, http.request.uri, 1, 2)'],
  ])("%s", (_name, text) => {
    expect(secretKind(text)).toBeDefined();
    expect(show(`x ${text}`)).toBe("(hidden)");
  });

  test.each([
    "/api/v1/customers/{customerId}/orders/{orderId}/items",
    "https://login.example.com/a/very/long/path/with/many/segments/v2.0",
    "orders-read-for-customers-of-the-shop-v2",
    "ORDERS_READ_FOR_ALL_CUSTOMERS_2027",
    `http.request.uri.path eq "/x" and len(http.request.jwt.claims["\${config:shop}"][0]) > 0`,
    "123e4567-e89b-12d3-a456-426614174000",
    "header authorization",
  ])("%s is none", (text) => {
    expect(secretKind(text)).toBeUndefined();
  });
});

test("a long text is shortened", () => {
  expect(show("z".repeat(70))).toBe(`${"z".repeat(57)}...`);
});

test("control characters cannot play with a terminal", () => {
  expect(show("a\u001b[31mb\u0000\u202e")).toBe("a\\u{1b}[31mb\\u{0}\\u{202e}");
});

test("a message that quotes a secret of the file loses it, whoever wrote the message", () => {
  const secret = "aZ3kQ9mB7xR2tY6wE1cV5nJ8sD4fG0hL";
  const source = readSource("a.yaml", `host: ${secret}\nmode: log\n`);
  const quoting = problem(
    "VALUE_INVALID",
    { file: "a.yaml", line: 1, column: 7 },
    `${secret} in log`,
    `not ${secret}`,
  );
  expect(withoutSecrets([quoting], [source])).toEqual([
    { ...quoting, message: "(hidden) in log", hint: "not (hidden)" },
  ]);
});

test("a comment with a reason excuses what may be none, and nothing that is certain", () => {
  const hex = "0123456789abcdef0123456789abcdef";
  const lines = [
    `a: ${hex} # keyturn: no secret, because it is a client id`,
    `b: ${hex} # keyturn: no secret`,
    `c: ${hex} # keyturn: no secret because`,
    "# keyturn: no secret, because it is the audience tag of an application",
    `d: ${hex}`,
    `e: ${hex}`,
    `f: "-----BEGIN PRIVATE KEY-----" # keyturn: no secret, because I say so`,
  ];
  const found = secretProblems(readSource("a.yaml", lines.join("\n")));
  expect(found.map(({ line, message }) => [line, message])).toEqual([
    [2, "this looks like a hexadecimal key, and the comment that it is none gives no reason"],
    [3, "this looks like a hexadecimal key, and the comment that it is none gives no reason"],
    [6, "this looks like a hexadecimal key"],
    [7, "this looks like a private key"],
  ]);
  expect(found[0]?.hint).toContain("# keyturn: no secret, because ...");
  expect(found[3]?.hint).not.toContain("no secret");
});
