import { describe, expect, test } from "vitest";
import { parse } from "./parser.ts";
import { print } from "./print.ts";
import { configurationA, decide, evaluate, problemsOf, sampleRequest } from "./testing/sample.ts";

/**
 * What the public engine (github.com/cloudflare/wirefilter) takes and decides where Cloudflare's pages are silent,
 * in cases of our own. As of 2026-11.
 */
const names = "http.request.headers.names[*]";
const tags = 'http.request.headers["x-tag"][*]';
const none = 'http.request.headers["none"][*]';

describe("arrays of Bool", () => {
  test.each([
    [`any((${tags} eq "one" and not ${tags} eq "two"))`, true],
    [`any(not ${tags} eq "one" and not ${tags} eq "two")`, false],
    [`any((${tags} eq "one") and ${tags} eq "two")`, false],
    [`all((${tags} eq "one" xor ${tags} eq "two"))`, true],
    [`all(not starts_with(${tags}, "t"))`, false],
    [`all(not starts_with(${tags}, "x"))`, true],
    [`all((starts_with(${tags}, "o") or ${tags} eq "two"))`, true],
    ["any((not (ssl)))", undefined],
  ])("%s is %s", (text, expected) => {
    if (expected === undefined) expect(problemsOf(text)).toHaveLength(1);
    else expect(decide(text)).toBe(expected);
  });

  test("arrays of different lengths are combined up to the end of the shorter one", () => {
    const request = sampleRequest({
      headers: [
        ["A", "1"],
        ["B", "2"],
        ["B", "3"],
      ],
    });
    const [all, two] = ["http.request.headers.values[*]", 'http.request.headers["b"][*]'];
    expect(decide(`all((${all} lt "9" and ${two} ge "2"))`, request)).toBe(true);
    expect(decide(`any((${all} eq "3" or ${two} eq "9"))`, request)).toBe(false);
    expect(decide(`any((${two} eq "9" or ${all} eq "3"))`, request)).toBe(false);
  });
});

describe("what is missing", () => {
  test.each([
    [`any(${none} eq "a")`, false],
    [`all(${none} eq "a")`, true],
    [`not all(${none} eq "a")`, false],
    [`any(not ${none} eq "a")`, false],
    [`all((${none} eq "a" and ${tags} eq "one"))`, true],
    // Not a condition but a value, which is missing itself.
    [`any(starts_with(${none}, "a"))`, false],
    [`all(starts_with(${none}, "a"))`, false],
    [`all(not starts_with(${none}, "a"))`, true],
    // An element for which the function yields nothing is left out.
    [`all(starts_with(${tags}, http.request.headers["none"][0]))`, true],
    [`any(starts_with(${tags}, http.request.headers["none"][0]))`, false],
    ['concat(http.request.headers["none"][0], http.request.headers["none"][0]) eq ""', false],
    ['concat("", http.request.headers["none"][0]) eq ""', true],
    [`len(concat(http.request.headers["none"], http.request.headers["none"])) ge 0`, false],
  ])("%s is %s", (text, expected) => {
    expect(decide(text)).toBe(expected);
  });

  test('concat(" ", list, " ") contains a word, and a missing list none', () => {
    const claim = (name: string) =>
      `lookup_json_string(http.request.jwt.claims["${configurationA}"][0], "${name}")`;
    const has = (name: string, word: string) =>
      decide(`concat(" ", ${claim(name)}, " ") contains " ${word} "`);
    expect([has("scope", "profile"), has("scope", "orders"), has("roles", "profile")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("[*]", () => {
  test.each([
    ['any(http.request.headers[*][*] eq "two")', true],
    ['any(http.request.headers[*][*] eq "three")', false],
    ['any(http.request.headers[*][1] eq "two")', true],
    ['all(http.request.headers[*][1] eq "two")', true],
    ['any(lower(http.request.headers[*][0])[*] contains "session")', true],
    [`any(http.request.jwt.claims.aud[*][*] eq "web")`, true],
    [`any(concat(${names}, ":")[*] eq "Host:")`, true],
  ])("%s is %s", (text, expected) => {
    expect(decide(text)).toBe(expected);
  });

  test("the values of a map come in the order of its keys", () => {
    const request = sampleRequest({
      headers: [
        ["b", "2"],
        ["a", "1"],
        ["b", "3"],
      ],
    });
    expect(evaluate("len(http.request.headers[*])", request)).toEqual([1, 2]);
    expect(evaluate("lower(http.request.headers[*][*])", request)).toEqual(["1", "2", "3"]);
  });
});

describe("integers and lists", () => {
  test.each([
    ["cf.waf.score & 1", true],
    ["cf.waf.score & 4", false],
    ["cf.waf.score & 0x22", true],
    ["not cf.waf.score & 0", true],
    ["cf.waf.score bitwise_and 32", true],
    ["cf.waf.score eq 0x23", true],
    ["cf.waf.score eq 043", true],
    ["cf.waf.score in {0x20..0x2f}", true],
    ["cf.waf.score in {}", false],
    ["http.host in {}", false],
    ["not ip.src in {}", true],
    [String.raw`http.host eq "\x61pi.example\056com"`, true],
    [String.raw`any(http.request.uri.args["\164ag"][*] eq "b")`, true],
  ])("%s is %s", (text, expected) => {
    expect(decide(text)).toBe(expected);
    expect(decide(print(parse(text)))).toBe(expected);
  });

  test("bytes that are no UTF-8 compare as bytes", () => {
    const request = sampleRequest({ path: "/\u00ff" });
    expect(decide(String.raw`http.request.uri.path eq "/\xff"`, request)).toBe(true);
    expect(decide(String.raw`http.request.uri.path contains "\377"`, request)).toBe(true);
    expect(decide('http.request.uri.path eq "/ÿ"', request)).toBe(false);
    expect(
      decide(String.raw`http.request.uri.path eq "/\xc3\xbf"`, sampleRequest({ path: "/\u00c3\u00bf" })),
    ).toBe(true);
  });

  test("wildcards fold ASCII alone", () => {
    const request = sampleRequest({ path: "/\u00c3\u0089A" });
    expect(decide('http.request.uri.path wildcard "/Éa"', request)).toBe(true);
    expect(decide('http.request.uri.path wildcard "/éa"', request)).toBe(false);
  });
});
