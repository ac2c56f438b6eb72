import { describe, expect, it } from "vitest";
import { TokenInputError } from "./findings.ts";
import { signLink } from "./signLink.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const at = (seconds: number) => new Date(seconds * 1000);

/** Computed vectors; the sample MACs of the vendor's own page do not follow from its algorithm. */
const vectors = [
  ["cloudflare", "/tokenauth/kayak.mp4", 1657026353, "ZXJWAyFwAgJSY+5j3CkJE80TatA33E3MEH4D/kSnh7M="],
  ["cloudflare", "/tokenauth/kayak.mp4", 1757026353, "EjH3U8yCJVXBGs2XgTIA3J2N5XyYfHxx85wo5O5dpHw="],
  ["mysecretkey", "/download/cat.jpg", 1484063787, "JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5+BFS9zZZ0="],
] as const;

function caught(run: () => unknown): { code: string; message: string; hint: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof TokenInputError)
      return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("signLink", () => {
  it.each(vectors)("gives the computed MAC of %s %s %i in both encodings", (key, path, issued, mac) => {
    const input = { secret: bytes(key), path, parameter: "verify", issuedAt: at(issued) };
    expect(signLink({ ...input, flags: "" })).toBe(`${path}?verify=${issued}-${encodeURIComponent(mac)}`);
    const urlSafe = mac.replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
    expect(signLink({ ...input, flags: "s" })).toBe(`${path}?verify=${issued}-${urlSafe}`);
  });

  it("writes the third vector URL-encoded and URL-safe as published", () => {
    const input = {
      secret: bytes("mysecretkey"),
      path: "/download/cat.jpg",
      parameter: "verify",
      issuedAt: at(1484063787),
    };
    expect(signLink({ ...input, flags: "" })).toContain("-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D");
    expect(signLink(input)).toContain("-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5-BFS9zZZ0");
  });

  it("signs the path of an absolute URL and keeps its origin", () => {
    const input = { secret: bytes("cloudflare"), parameter: "verify", issuedAt: at(1657026353) };
    const path = signLink({ ...input, path: "/tokenauth/kayak.mp4" });
    expect(signLink({ ...input, path: "https://dl.example.com/tokenauth/kayak.mp4" })).toBe(
      `https://dl.example.com${path}`,
    );
  });

  it("puts the parameter last, after the other ones, and cuts fractions of a second", () => {
    const link = signLink({
      secret: bytes("k"),
      path: "/a?x=1",
      parameter: "sig",
      bind: ["path", "query"],
      issuedAt: new Date(1657026353999),
    });
    expect(link).toMatch(/^\/a\?x=1&sig=1657026353-[\w-]{43}$/);
  });

  it.each([
    ["a.jpg", "a link is a path that starts with `/`, or an http(s) URL with a path"],
    ["https://example.com", "a link is a path that starts with `/`, or an http(s) URL with a path"],
    ["/a#b", "a fragment (`#…`) is not sent to the edge"],
    ["/a/../b", "the path is not normalized"],
    [
      "/a;b",
      'the path has ";", encoded or not: Tomcat cuts it off with what follows, also when a proxy has decoded it',
    ],
    ["/a?b=1", "the link has a query, and is signed for its path alone"],
  ])("refuses %s", (path, message) => {
    const error = caught(() =>
      signLink({ secret: bytes("k"), path, parameter: "v", issuedAt: at(1657026353) }),
    );
    expect(error).toMatchObject({ code: "LINK_PATH_INVALID", message });
  });

  it("refuses a parameter that the query has, or that needs encoding", () => {
    const sign = (path: string, parameter: string) => () =>
      signLink({ secret: bytes("k"), path, parameter, issuedAt: at(1657026353) });
    expect(caught(sign("/a?verify=1", "verify"))).toMatchObject({
      code: "LINK_PARAMETER_INVALID",
      message: "the query has a parameter `verify` already",
    });
    expect(caught(sign("/a", "ve rify"))).toMatchObject({
      code: "LINK_PARAMETER_INVALID",
      message: '"ve rify" is no plain name for a query parameter',
    });
  });

  it("refuses a time that has no 10 digits, and an empty secret", () => {
    const input = { path: "/a", parameter: "v" };
    expect(caught(() => signLink({ ...input, secret: bytes("k"), issuedAt: at(999_999_999) })).code).toBe(
      "LIFETIME_INVALID",
    );
    expect(signLink({ ...input, secret: bytes("k"), issuedAt: at(1_000_000_000) })).toContain("1000000000-");
    expect(caught(() => signLink({ ...input, secret: bytes(""), issuedAt: at(1657026353) })).code).toBe(
      "KEY_UNUSABLE",
    );
  });
});
