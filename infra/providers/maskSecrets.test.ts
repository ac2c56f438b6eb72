import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskSecrets, openApi } from "./cloudflareApi.ts";

const SECRET = "q7Zr+2/wX4\"m%Kd9 Lp&0?sT=3bVn#Yh8(Gc\\6Fj1~Ru5;Ea|Wk4.Qx:Ml'Oi@No";
const BYTES = Buffer.from(SECRET);
const encodings: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  base64: (text) => Buffer.from(text).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  hex: (text) => Buffer.from(text).toString("hex"),
  "hex in capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "percent-encoded": (text) => encodeURIComponent(text),
  "percent-encoded in full": (text) => Buffer.from(text).toString("hex").replace(/../g, "%$&"),
  "percent-encoded in full, in capitals": (text) =>
    Buffer.from(text).toString("hex").replace(/../g, "%$&").toUpperCase(),
};

/** The longest run of the secret's bytes that a masked text still shows, in whichever encoding. */
function shown(text: string): number {
  let longest = 0;
  for (const encode of Object.values(encodings)) {
    for (let from = 0; from < SECRET.length; from += 1) {
      for (let length = longest + 1; from + length <= SECRET.length; length += 1) {
        if (!text.includes(encode(SECRET.slice(from, from + length)).replace(/=+$/, ""))) break;
        longest = length;
      }
    }
  }
  return longest;
}

describe.each(Object.entries(encodings))("a part of a secret, %s", (name, encode) => {
  test("shows at most 7 of its characters wherever it is cut out, and the text around it stays", () => {
    const around = fc.stringMatching(/^[a-z ]{1,12}$/);
    fc.assert(
      fc.property(
        fc.nat({ max: SECRET.length - 12 }),
        fc.integer({ min: 12, max: SECRET.length }),
        around,
        around,
        (from, length, before, after) => {
          const masked = maskSecrets(`${before}<${encode(SECRET.slice(from, from + length))}>${after}`, [
            SECRET,
          ]);
          expect(masked.startsWith(`${before}<`)).toBe(true);
          expect(masked.endsWith(`>${after}`)).toBe(true);
          expect(masked).toContain("[secret]");
          expect(shown(masked)).toBeLessThan(8);
        },
      ),
    );
  });

  test("whole becomes one mark", () => {
    const whole = maskSecrets(`x ${encode(SECRET)}`, [SECRET]);
    // What pads base64 holds nothing of it.
    expect(whole.replace(/=+$/, "")).toBe("x [secret]");
    expect(name).not.toBe("");
  });
});

test("base64 of something that holds the secret shows nothing of it, at any alignment", () => {
  for (const before of ["", "a", "ab", "abc", "abcd"]) {
    for (const encoding of ["base64", "base64url"] as const) {
      const masked = maskSecrets(Buffer.from(`${before}${SECRET}zz`).toString(encoding), [SECRET]);
      expect(masked).toContain("[secret]");
      // No four characters, three bytes, of what stands in the middle of the secret.
      for (let at = 6; at < BYTES.length - 10; at += 1)
        expect(masked).not.toContain(BYTES.subarray(at, at + 3).toString(encoding));
    }
  }
});

test("a secret given as base64url of bytes is found as these bytes too", () => {
  const bytes = Buffer.from("0123456789abcdefghijklmnopqrstuv");
  expect(maskSecrets(`got ${bytes.toString("utf8").slice(3, 20)}`, [bytes.toString("base64url")])).toBe(
    "got [secret]",
  );
});

test("text without a secret stays as it is", () => {
  const text = 'API_REFUSED: PUT /zones/0123456789abcdef0123456789abcdef/rulesets: 400 20127: "not valid"';
  expect(maskSecrets(text, [SECRET, "", "short"])).toBe(text);
  expect(maskSecrets(text, [])).toBe(text);
});

test("the time grows with the length of the text, not with its square", () => {
  const time = (length: number) => {
    const begun = process.cpuUsage().user;
    maskSecrets(SECRET.slice(0, 7).repeat(length / 7), [SECRET, SECRET.slice(1)]);
    return process.cpuUsage().user - begun;
  };
  time(20_000);
  // 16 times the text, with a factor for a busy machine; a square would be 256.
  expect(time(320_000)).toBeLessThan(100 * Math.max(time(20_000), 1000));
});

test("an error of the API that quotes 40 of 64 characters, or the token, prints none of them", async () => {
  const token = "v1.0-9f8e7d6c5b4a39281706f5e4d3c2b1a0";
  const quoted = `near "${SECRET.slice(10, 50)}", Authorization: Bearer ${token.slice(3)}`;
  const fetched = async () =>
    Response.json({ success: false, errors: [{ code: 20127, message: quoted }] }, { status: 400 });
  const original = globalThis.fetch;
  globalThis.fetch = fetched;
  try {
    const api = await openApi({ token, baseUrl: "https://api.invalid/client/v4" }, [SECRET]);
    const error = await api.call("put", "/zones/z/a", {}).catch((thrown: Error) => thrown);
    expect((error as Error).message).toBe(
      'API_REFUSED: PUT /zones/z/a: 400 20127: near "[secret]", Authorization: Bearer [secret]. Cloudflare refuses what was sent, and its text says why',
    );
  } finally {
    globalThis.fetch = original;
  }
});
