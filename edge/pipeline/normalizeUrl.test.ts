import { describe, expect, it } from "vitest";
import { normalizePath } from "./normalizeUrl.ts";

describe("normalizePath", () => {
  it.each([
    // developers.cloudflare.com/rules/normalization/examples
    ["/hello", "/hello", "/hello"],
    ["/%68ello", "/hello", "/hello"],
    ["/%68ello//pa\\th", "/hello//pa%5Cth", "/hello/pa/th"],
    ["/a%2fb", "/a%2Fb", "/a%2Fb"],
    ["/a%2Fb", "/a%2Fb", "/a%2Fb"],
    ["/a/./b/../c", "/a/c", "/a/c"],
    ["/a/%2e%2E/b", "/b", "/b"],
    ["/../../a", "/a", "/a"],
    ["/a/..", "/", "/"],
    ["/a/b/..", "/a/", "/a/"],
    ["/a/.", "/a/", "/a/"],
    ["//", "//", "/"],
    ["/a//../b", "/a/b", "/b"],
    ["/a\\..\\b", "/a%5C..%5Cb", "/b"],
    ["/.hidden/...", "/.hidden/...", "/.hidden/..."],
    ["/\u00c3\u00a9 b", "/%C3%A9%20b", "/%C3%A9%20b"],
    ["/100%", "/100%25", "/100%25"],
    ["/%zz", "/%25zz", "/%25zz"],
    ["/a:b@c!$&'()*+,;=", "/a:b@c!$&'()*+,;=", "/a:b@c!$&'()*+,;="],
    ["/A/B/", "/A/B/", "/A/B/"],
    ["/", "/", "/"],
  ])("%s", (path, rfc3986, cloudflare) => {
    expect([normalizePath(path, "rfc3986"), normalizePath(path, "cloudflare")]).toEqual([
      rfc3986,
      cloudflare,
    ]);
  });

  it("changes nothing the second time", () => {
    for (const path of ["/%68ello//pa\\th", "/a%2fb/%2e/c", "/100%/%zz", "/\u00c3\u00a9"]) {
      const once = normalizePath(path, "cloudflare");
      expect(normalizePath(once, "cloudflare")).toBe(once);
    }
  });
});
