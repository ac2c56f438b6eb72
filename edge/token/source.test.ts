import { describe, expect, it } from "vitest";
import { type Choices, resolveChoices } from "../choices.ts";
import { extractToken, parseTokenSource } from "./source.ts";

const CHOICES = resolveChoices();
const header = { kind: "header", name: "authorization" } as const;
const cookie = { kind: "cookie", name: "session" } as const;

function carrier(headers: Record<string, string>, cookies: Record<string, string> = {}) {
  return { header: (name: string) => headers[name], cookie: (name: string) => cookies[name] };
}

describe("parseTokenSource", () => {
  it.each([
    ['http.request.headers["authorization"][0]', header],
    ['http.request.cookies["session"][0]', cookie],
    ['http.request.cookies["a\\"b\\\\c"][0]', { kind: "cookie", name: 'a"b\\c' }],
    ['http.request.headers["authorization"][1]', undefined],
    ['http.request.headers["authorization"]', undefined],
    ['http.request.uri.args["t"][0]', undefined],
    ["", undefined],
  ])("%s", (expression, expected) => {
    expect(parseTokenSource(expression)).toEqual(expected);
  });
});

describe("extractToken", () => {
  const drop = (value: string, overrides: Partial<Choices> = {}) =>
    extractToken([header], carrier({ authorization: value }), resolveChoices(overrides));

  it("drops a Bearer prefix with and without a colon", () => {
    expect(["abc", "Bearer abc", "Bearer: abc", "Bearer   abc"].map((value) => drop(value))).toEqual([
      "abc",
      "abc",
      "abc",
      "abc",
    ]);
  });

  it("keeps what is no such prefix", () => {
    expect(["bearer abc", "Bearerabc", "Basic abc", " Bearer abc"].map((value) => drop(value))).toEqual([
      "bearer abc",
      "Bearerabc",
      "Basic abc",
      " Bearer abc",
    ]);
    expect(drop("bearer abc", { bearerCase: "insensitive" })).toBe("abc");
    expect(drop("Bearer Bearer abc")).toBe("Bearer abc");
    expect(drop("Bearer Bearer: abc", { bearerRepeated: "all" })).toBe("abc");
  });

  it("drops the prefix of a cookie too, unless chosen otherwise", () => {
    const inCookie = (overrides: Partial<Choices>) =>
      extractToken([cookie], carrier({}, { session: "Bearer abc" }), resolveChoices(overrides));
    expect([inCookie({}), inCookie({ bearerInCookie: "kept" })]).toEqual(["abc", "Bearer abc"]);
    expect(drop("Bearer abc", { bearerInCookie: "kept" })).toBe("abc");
  });

  it("uses the first source that is set", () => {
    const both = carrier({ authorization: "Bearer h" }, { session: "c" });
    expect(extractToken([header, cookie], both, CHOICES)).toBe("h");
    expect(extractToken([cookie, header], both, CHOICES)).toBe("c");
    expect(extractToken([header, cookie], both, resolveChoices({ tokenSource: "last" }))).toBe("c");
    expect(extractToken([header, cookie], carrier({}, { session: "c" }), CHOICES)).toBe("c");
    expect(extractToken([header, cookie], carrier({}), CHOICES)).toBeUndefined();
    expect(extractToken([], both, CHOICES)).toBeUndefined();
  });

  it("lets an empty value hide later sources unless chosen otherwise", () => {
    const empty = carrier({ authorization: "Bearer" }, { session: "c" });
    expect(extractToken([header, cookie], empty, CHOICES)).toBe("");
    expect(extractToken([header, cookie], empty, resolveChoices({ tokenEmptyValue: "absent" }))).toBe("c");
  });
});
