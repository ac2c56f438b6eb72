import { parse } from "@keyturn/edge/language";
import { describe, expect, test } from "vitest";
import { expressionFindings } from "./findings.ts";
import { costOf } from "./regexCost.ts";

const found = (text: string) =>
  expressionFindings(parse(text)).map(({ code, offset, message }) => `${offset} ${code} ${message}`);

describe("names of headers", () => {
  test.each<[string, number]>([
    ['any(http.request.headers["X-Tenant"][*] eq "a")', 4],
    ['http.request.headers["X-Tenant"][0] eq "a"', 0],
    ['any(http.request.headers.names[*] eq "X-Tenant")', 37],
    ['any(http.request.headers.names[*] in {"x-tenant" "X-Tenant"})', 49],
    ['has_key(http.request.headers, "X-Tenant")', 30],
    ['not ssl or http.request.headers["X-Tenant"][0] eq "a"', 11],
  ])("with capitals are told: %s", (text, offset) => {
    expect(found(text)).toEqual([
      `${offset} EXPRESSION_HEADER_CASE no header is called X-Tenant: names come in small letters`,
    ]);
  });

  test.each([
    'any(http.request.headers["x-tenant"][*] eq "A")',
    'any(upper(http.request.headers.names[*])[*] eq "X-TENANT")',
    'http.request.uri.args["Tenant"][0] eq "a"',
    'any(http.request.headers.values[*] eq "A")',
  ])("in small letters, and what is none, are not: %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("an expression that", () => {
  test.each([
    'ip.src.country eq "XX" or ip.src.country ne "XX"',
    "ip.src.asnum gt 5 or ip.src.asnum lt 7",
    "not (ip.src.asnum in {1..3} and ip.src.asnum eq 9)",
    "ssl or not ssl",
    'http.user_agent contains "a" or not (http.user_agent contains "a")',
  ])("holds for every request: %s", (text) => {
    expect(found(text)).toEqual(["0 EXPRESSION_CONSTANT the expression holds for every request"]);
  });

  test.each([
    "not true",
    'http.request.method eq "GET" and http.request.method eq "POST"',
    'http.request.method in {"GET" "PUT"} and not (http.request.method in {"PUT" "GET"})',
    "ip.src.asnum gt 5 and ip.src.asnum le 5",
    'http.request.headers["a"][0] eq "x" and http.request.headers["a"][0] eq "y"',
    'http.request.headers["a"][0] eq "x" and not (http.request.headers["a"][0] ne "y")',
    "ssl xor ssl",
  ])("never holds: %s", (text) => {
    expect(found(text)).toEqual(["0 EXPRESSION_CONSTANT the expression never holds"]);
  });

  test.each([
    "true",
    'http.request.method eq "GET"',
    'http.request.method eq "GET" and ip.src.country eq "POST"',
    // A request may have neither.
    'http.request.headers["a"][0] eq "x" or http.request.headers["a"][0] ne "x"',
    // One element may be the one and another the other.
    'any(http.request.headers["a"][*] eq "x") and any(http.request.headers["a"][*] eq "y")',
    "ip.src.asnum gt 5 and ip.src.asnum lt 7",
    "ip.src.asnum ge 0",
    'http.host gt "a" and http.host lt "b"',
    'http.user_agent contains "a" and not (http.user_agent contains "b")',
    "ip.src in {192.0.2.0/24} and ip.src eq 192.0.2.1",
    "ip.src in $blocked or not ssl",
    Array.from({ length: 13 }, (_, index) => `http.user_agent contains "${index}"`).join(" and "),
  ])("may hold or not: %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("a regular expression", () => {
  const NESTED = "repeats a repetition: each has no end of its own";
  test.each<[string, string | undefined]>([
    ["(a+)+", NESTED],
    ["^(?:[a-z]*)*$", NESTED],
    ["((a|b+)c)*", NESTED],
    ["(a{2,})+", NESTED],
    ["(a+b?)+?", NESTED],
    ["(a{40}){30}", "is copied 1200 times by its counted repetitions, more than 1000"],
    ["((a{1,20}){20}){3}", "is copied 1200 times by its counted repetitions, more than 1000"],
    ["a{1000}", undefined],
    ["^/orders/[0-9]+/items/[0-9]+$", undefined],
    ["(a+)?b", undefined],
    ["(a+)b+", undefined],
    ["[(+]+[)*]*", undefined],
    [String.raw`\(a+\)+`, undefined],
    ["[]+]+[^]+]+", undefined],
    ["a{x}{", undefined],
    [")+(", undefined],
    ["", undefined],
  ])("%s", (pattern, why) => {
    expect(costOf(pattern)).toBe(why);
  });

  test("is told at its place", () => {
    expect(found('http.request.uri.path matches "^/(a+)+$" and not ssl')).toEqual([
      `30 EXPRESSION_REGEX_COST the regular expression ${NESTED}`,
    ]);
  });
});
