import { describe, expect, it } from "vitest";
import { TokenInputError } from "./findings.ts";
import { checkParameter, readLinkTarget } from "./signLink.ts";

describe("readLinkTarget", () => {
  it.each([
    ["/", "", "/"],
    ["/a/b.jpg", "", "/a/b.jpg"],
    ["/a%20b/c?x=%20", "", "/a%20b/c?x=%20"],
    ["/a?", "", "/a?"],
    ["/a?b?c=//d", "", "/a?b?c=//d"],
    ["https://x.example:8443/a?b", "https://x.example:8443", "/a?b"],
    ["HTTP://x.example/a", "HTTP://x.example", "/a"],
  ])("takes %s as it is", (text, origin, pathAndQuery) => {
    expect(readLinkTarget(text)).toEqual({ origin, pathAndQuery });
  });

  it.each([
    ["/a//b", "/a/b"],
    ["//host/a", "/host/a"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/a/%2e%2e/b", "/b"],
    ["/a\\b", "/a/b"],
    ["/a b", "/a%20b"],
    ["/ä", "/%C3%A4"],
    ["/%41", "/A"],
    ["/a%c3%a4", "/a%C3%A4"],
    ['/a"|^{b}', "/a%22%7C%5E%7Bb%7D"],
    ["/a?q=%7e", "/a?q=~"],
    ["/a?q=ä", "/a?q=%C3%A4"],
  ])("refuses %s and names the normalized form %s", (text, normal) => {
    const attempt = () => readLinkTarget(text);
    expect(attempt).toThrow(TokenInputError);
    try {
      attempt();
    } catch (error) {
      expect((error as TokenInputError).hint).toBe(`Sign "${normal}" instead.`);
    }
    // The proposal has to be acceptable itself.
    expect(readLinkTarget(normal).pathAndQuery).toBe(normal);
  });
});

describe("checkParameter", () => {
  it("lets a plain, free name pass, also where it is part of another", () => {
    expect(() => checkParameter("verify", "/a?verify2=1&xverify=2")).not.toThrow();
  });
  it("finds a taken name behind any encoding", () => {
    expect(() => checkParameter("verify", "/a?x=1&%76erify=2")).toThrow(
      "the query has a parameter `verify` already",
    );
  });
});
