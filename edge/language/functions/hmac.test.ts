import { describe, expect, test } from "vitest";
import { chosen } from "../choices.ts";
import { timedHmac } from "./hmac.ts";

const choices = chosen();

/** Computed vectors of the documented algorithm; the sample MACs in Cloudflare's own pages do not hold. */
const vectors = [
  ["cloudflare", "/tokenauth/kayak.mp4", "1657026353", "ZXJWAyFwAgJSY+5j3CkJE80TatA33E3MEH4D/kSnh7M="],
  ["cloudflare", "/tokenauth/kayak.mp4", "1757026353", "EjH3U8yCJVXBGs2XgTIA3J2N5XyYfHxx85wo5O5dpHw="],
  ["mysecretkey", "/download/cat.jpg", "1484063787", "JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5+BFS9zZZ0="],
] as const;

const cat = "/download/cat.jpg?verify=1484063787-";
const standard = `${cat}JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D`;
const urlSafe = `${cat}JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5-BFS9zZZ0`;
const settings = { ttl: 60, separatorLength: 8, urlSafe: false };

describe("timedHmac", () => {
  test.each(vectors)("accepts the vector of %s %s %s", (key, message, stamp, mac) => {
    const isValid = timedHmac(key, settings, choices);
    const text = `${message}?verify=${stamp}-${encodeURIComponent(mac)}`;
    expect(isValid(text, Number(stamp))).toBe(true);
    expect(isValid(text.replace("a", "b"), Number(stamp))).toBe(false);
    expect(timedHmac(`${key}x`, settings, choices)(text, Number(stamp))).toBe(false);
  });

  test("is valid strictly before issued + ttl", () => {
    const isValid = timedHmac("mysecretkey", settings, choices);
    expect(isValid(standard, 1484063787 + 59)).toBe(true);
    expect(isValid(standard, 1484063787 + 60)).toBe(false);
  });

  test("takes a timestamp in the future unless told otherwise", () => {
    expect(timedHmac("mysecretkey", settings, choices)(standard, 1484063786)).toBe(true);
    const strict = chosen({ hmacFutureIssued: "refused" });
    expect(timedHmac("mysecretkey", settings, strict)(standard, 1484063786)).toBe(false);
  });

  test("flag s takes exactly 43 URL-safe characters, no flag the encoded standard form", () => {
    const safe = timedHmac("mysecretkey", { ...settings, urlSafe: true }, choices);
    const plain = timedHmac("mysecretkey", settings, choices);
    expect([safe(urlSafe, 1484063787), plain(standard, 1484063787)]).toEqual([true, true]);
    expect([safe(standard, 1484063787), plain(urlSafe, 1484063787)]).toEqual([false, false]);
    expect(safe(`${urlSafe}=`, 1484063787)).toBe(false);
  });

  test("an unencoded + spoils a standard MAC, lower-case escapes do not", () => {
    const isValid = timedHmac("mysecretkey", settings, choices);
    expect(isValid(standard.replace("%2B", "+"), 1484063787)).toBe(false);
    expect(isValid(standard.replace("%2B", "%2b"), 1484063787)).toBe(true);
    const plus = chosen({ hmacPlus: "plus", hmacLowerCaseEscapes: "refused" });
    expect(timedHmac("mysecretkey", settings, plus)(standard.replace("%2B", "+"), 1484063787)).toBe(true);
    expect(timedHmac("mysecretkey", settings, plus)(standard.replace("%2B", "%2b"), 1484063787)).toBe(false);
  });

  test("the separator is not signed, and its length is exact", () => {
    for (const [separatorLength, outcome] of [
      [8, true],
      [7, false],
      [9, false],
      [0, false],
    ] as const) {
      const isValid = timedHmac("mysecretkey", { ...settings, separatorLength }, choices);
      expect(isValid(standard, 1484063787)).toBe(outcome);
    }
    const isValid = timedHmac("mysecretkey", settings, choices);
    expect(isValid(standard.replace("?verify=", "&token=="), 1484063787)).toBe(true);
  });

  test.each([
    ["no dash", "/a1484063787"],
    ["a short MAC", `${cat}abc`],
    ["a MAC that is not Base64", `${cat}${"%".repeat(60)}`],
    ["bits beyond the last byte of the MAC", standard.replace("ZZ0%3D", "ZZ1%3D")],
    ["nine digits", standard.replace("1484063787", "148406378")],
    ["an empty message", standard.slice("/download/cat.jpg".length)],
    ["nothing", ""],
  ])("is false for %s", (_, text) => {
    expect(timedHmac("mysecretkey", settings, choices)(text, 1484063787)).toBe(false);
  });

  test("parts at the last ten digits and a dash that leave 43 characters", () => {
    const decoy = `/x?t=1484063787-${"A".repeat(60)}`;
    expect(timedHmac("mysecretkey", settings, choices)(`${decoy}${standard}`, 1484063787)).toBe(false);
    const urlOfDigits = timedHmac("k", { ttl: 60, separatorLength: 0, urlSafe: true }, choices);
    expect(urlOfDigits(`/a1484063787-${"1234567890-".repeat(4)}`, 1484063787)).toBe(false);
  });
});
