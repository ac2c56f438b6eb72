import { describe, expect, test } from "vitest";
import { compile, compileFilter } from "./compile.ts";
import { parse } from "./parser.ts";
import { ExpressionError } from "./problems.ts";
import { configurationA, decide, sampleRequest } from "./testing/sample.ts";

describe("operators", () => {
  test.each([
    ['http.host eq "api.example.com"', true],
    ['http.host eq "API.example.com"', false],
    ['http.host ne "www.example.com"', true],
    ['http.host ne "api.example.com"', false],
    ['http.host lt "b"', true],
    ['http.host lt "api.example.com"', false],
    ['http.host le "api.example.com"', true],
    ['http.host gt "Z"', true],
    ['http.host gt "api.example.com"', false],
    ['http.host ge "api.example.com"', true],
    ["cf.waf.score eq 35", true],
    ["cf.waf.score ne 35", false],
    ["cf.waf.score lt 35", false],
    ["cf.waf.score lt 36", true],
    ["cf.waf.score le 35", true],
    ["cf.waf.score gt 35", false],
    ["cf.waf.score gt 34", true],
    ["cf.waf.score ge 36", false],
    ["cf.waf.score lt 9007199254740993", true],
    ['http.request.uri.path contains "ders/"', true],
    ['http.request.uri.path contains "ORDERS"', false],
    ['http.request.uri.path matches "^/Orders/[0-9]+"', true],
    ['http.request.uri.path matches "orders"', false],
    ['http.request.uri.path ~ "7"', true],
    ['http.request.uri.path wildcard "/orders/*.json"', true],
    ['http.request.uri.path wildcard "/orders/*.jso"', false],
    ['http.request.uri.path strict wildcard "/orders/*"', false],
    ['http.request.uri.path strict wildcard "/Orders/*"', true],
    ['http.request.method in {"POST" "GET" "PUT"}', true],
    ['http.request.method in {"POST" "get"}', false],
    ["cf.waf.score in {1..5 30..35}", true],
    ["cf.waf.score in {1..5 36..40 8}", false],
    ["cf.waf.score in {8 35}", true],
    ["ip.src eq 192.0.2.7", true],
    ["ip.src ne 192.0.2.7", false],
    ["ip.src ne ::1", true],
    ["ip.src in {192.0.2.0/24}", true],
    ["ip.src in {192.0.2.8..192.0.2.99 ::/0}", false],
    ["ssl", true],
    ["not ssl", false],
    ["ssl xor ssl xor ssl", true],
    ["ssl xor ssl", false],
    ["ssl and ssl and ssl and ssl and not ssl", false],
    ["not ssl or not ssl or not ssl or ssl", true],
    ["true", true],
    ["not false", true],
  ])("%s is %s", (text, expected) => {
    expect(decide(text)).toBe(expected);
  });

  test("strings compare byte by byte", () => {
    const request = sampleRequest({ path: "/\u00c3\u00bc" });
    expect(decide('http.request.uri.path eq "/ü"', request)).toBe(true);
    expect(decide("len(http.request.uri.path) eq 3", request)).toBe(true);
    expect(decide('http.request.uri.path in {"/a" "/b" "/ü"}', request)).toBe(true);
    expect(decide('http.request.uri.path gt "/z"', request)).toBe(true);
  });
});

describe("missing values", () => {
  const nobody = sampleRequest({ headers: [], query: "" });
  const operators = [
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "contains",
    "matches",
    "wildcard",
    "strict wildcard",
  ];
  test.each(operators)("%s with a missing string is false, its not is true", (operator) => {
    const text = `http.request.headers["x-tag"][0] ${operator} "a"`;
    expect([decide(text, nobody), decide(`not ${text}`, nobody)]).toEqual([false, true]);
  });

  test.each([
    'http.request.headers["x-tag"][0] in {"a"}',
    "ip.src eq 1.2.3.4",
    "ip.src ne 1.2.3.4",
    "ip.src in {0.0.0.0/0 ::/0}",
    "ip.src.asnum lt 5",
    "ip.src.asnum in {1..99999}",
    'len(http.request.uri.args["order"]) >= 0',
    'starts_with(http.request.headers["x-tag"][0], "")',
    'ends_with(http.request.headers["x-tag"][0], "")',
    'any(http.request.headers["x-tag"][*] ne "a")',
    'has_key(http.request.jwt.claims, "a")',
    "cf.tls_client_auth.cert_verified",
  ])("%s is false, its not is true", (text) => {
    const request = {
      method: "GET",
      scheme: "http",
      host: "a",
      path: "/",
      query: "",
      headers: [],
      timestampMs: 0,
    } as const;
    const bare = sampleRequest();
    const missing = new (bare.constructor as typeof import("./request.ts").RequestFields)(request);
    expect([decide(text, missing), decide(`not ${text}`, missing)]).toEqual([false, true]);
  });

  test("a missing index is missing, an empty string is not", () => {
    expect(decide('http.request.headers["x-tag"][2] eq ""')).toBe(false);
    expect(decide('http.request.uri.args["flag"][0] eq ""')).toBe(true);
  });

  test("a rule with ne does not fire without a token, a rule with not eq does", () => {
    const claim = `lookup_json_string(http.request.jwt.claims["${configurationA}"][0], "role")`;
    expect(decide(`${claim} ne "admin"`)).toBe(false);
    expect(decide(`not ${claim} eq "admin"`)).toBe(true);
  });
});

describe("[*]", () => {
  test.each([
    ['any(http.request.headers["x-tag"][*] eq "two")', true],
    ['any(http.request.headers["x-tag"][*] eq "three")', false],
    ['all(http.request.headers["x-tag"][*] contains "o")', true],
    ['all(http.request.headers["x-tag"][*] eq "two")', false],
    ['any(lower(http.request.headers.names[*])[*] eq "host")', true],
    ['any(http.request.headers.names[*] eq "host")', false],
    ['any(not http.request.headers["x-tag"][*] eq "two")', true],
    ['all((http.request.headers["x-tag"][*] eq "one" or http.request.headers["x-tag"][*] eq "two"))', true],
    ['any((http.request.headers["x-tag"][*] eq "one" and http.request.headers["x-tag"][*] eq "two"))', false],
    ['any(starts_with(http.request.headers.names[*], "Coo"))', true],
    ["any(len(http.request.headers.values[*])[*] gt 100)", false],
    ['any(split(http.host, ".", 9)[*] eq "example")', true],
    ['join(http.request.headers["x-tag"], "+") eq "one+two"', true],
    ['any(upper(lower(http.request.headers.names[*])[*])[*] eq "HOST")', true],
    [`any(http.request.jwt.claims.aud["${configurationA}"][*] eq "web")`, true],
  ])("%s is %s", (text, expected) => {
    expect(decide(text)).toBe(expected);
  });
});

describe("named lists", () => {
  const lists = new Map([
    ["office", { kind: "ip", items: ["192.0.2.0/24", "2001:db8::1"] }],
    ["carriers", { kind: "asn", items: ["64496"] }],
    ["sites", { kind: "hostname", items: ["example.org", "*.example.com"] }],
  ] as const);
  test.each([
    ["ip.src in $office", true],
    ["ip.src.asnum in $carriers", true],
    ["http.host in $sites", true],
    ["http.host in $office", false],
    ["ip.src in $sites", false],
    ["ip.src in $nowhere", false],
    ["not ip.src in $nowhere", true],
  ])("%s is %s", (text, expected) => {
    expect(decide(text, sampleRequest({ lists }))).toBe(expected);
  });

  test("a list that was replaced counts from the next request on", () => {
    const filter = compileFilter(parse("ip.src in $office"));
    expect(filter(sampleRequest({ lists }))).toBe(true);
    expect(filter(sampleRequest({ lists: new Map([["office", { kind: "ip", items: [] }]]) }))).toBe(false);
    expect(filter(sampleRequest())).toBe(false);
  });
});

describe("compile", () => {
  test("refuses what does not fit, with the problems of the checker", () => {
    expect(() => compile(parse("http.nothing"))).toThrow(ExpressionError);
    expect(() => compileFilter(parse("http.host"))).toThrow("1:1 RESULT_TYPE: the expression yields String");
    expect(compile(parse("http.host"))(sampleRequest())).toBe("api.example.com");
  });

  test("an error shows neither the expression nor its secret", () => {
    const text = 'is_timed_hmac_valid_v0("hunter2", http.request.uri, 60)';
    try {
      compile(parse(text));
      expect.unreachable();
    } catch (error) {
      const shown = error as ExpressionError;
      expect(`${shown.message}${JSON.stringify(shown)}${shown.format()}`).not.toContain("hunter2");
      expect(shown.format()).toContain('is_timed_hmac_valid_v0("*******", http');
    }
  });
});
