import { describe, expect, test } from "vitest";
import { FIELDS } from "./fields.ts";
import { FUNCTIONS } from "./functions.ts";
import { PHASES, TOKEN_RULES_PHASE } from "./phases.ts";
import { placeGap, type Use } from "./places.ts";

/** The kinds of expressions a zone can hold, in the words of Cloudflare's pages. */
const kinds: Readonly<Record<string, { phase: string; use: Use }>> = {
  "custom rule": { phase: "http_request_firewall_custom", use: "filter" },
  "rate limit": { phase: "http_ratelimit", use: "filter" },
  counting: { phase: "http_ratelimit", use: "counting" },
  characteristic: { phase: "http_ratelimit", use: "characteristic" },
  "token rule": { phase: TOKEN_RULES_PHASE, use: "filter" },
  "URL rewrite filter": { phase: "http_request_transform", use: "filter" },
  "URL rewrite": { phase: "http_request_transform", use: "value" },
  "request header filter": { phase: "http_request_late_transform", use: "filter" },
  "request header": { phase: "http_request_late_transform", use: "value" },
  "response header filter": { phase: "http_response_headers_transform", use: "filter" },
  "response header": { phase: "http_response_headers_transform", use: "value" },
  "redirect filter": { phase: "http_request_dynamic_redirect", use: "filter" },
  "redirect target": { phase: "http_request_dynamic_redirect", use: "value" },
  "custom error": { phase: "http_custom_errors", use: "filter" },
};
const all = Object.keys(kinds);
const transforms = all.filter((kind) => kind.startsWith("URL") || kind.includes("header"));
const rateLimits = ["rate limit", "counting", "characteristic"];
const rewrites = ["URL rewrite", "request header", "response header"];

/** Written down once more from Cloudflare's page on functions, autumn 2026. */
const documented: Readonly<Record<string, readonly string[]>> = {
  any: all,
  all,
  concat: all,
  len: all,
  lower: all,
  upper: all,
  starts_with: all,
  ends_with: all,
  substring: all,
  has_key: all,
  has_value: all,
  lookup_json_string: all,
  lookup_json_integer: all,
  url_decode: all,
  remove_bytes: all,
  split: ["response header filter", "response header", "custom error"],
  join: [...transforms, "custom rule", "custom error"],
  decode_base64: [...transforms, "custom rule", ...rateLimits],
  encode_base64: transforms.filter((kind) => kind.includes("header")),
  sha256: rewrites,
  cidr: ["custom rule", ...rateLimits],
  cidr6: ["custom rule", ...rateLimits],
  to_string: [...rewrites, "redirect target"],
  regex_replace: [...rewrites, "redirect target"],
  wildcard_replace: ["URL rewrite", "redirect target"],
  remove_query_args: rewrites,
  uuidv4: rewrites,
  bit_slice: [],
  is_timed_hmac_valid_v0: ["custom rule"],
  is_jwt_valid: ["token rule"],
  is_jwt_present: ["token rule"],
};

describe("where a function may be used", () => {
  test.each(Object.entries(documented))("%s", (name, places) => {
    const row = FUNCTIONS.get(name);
    const found = all.filter((kind) => {
      return placeGap(row?.places, kinds[kind] as { phase: string; use: Use }) === undefined;
    });
    expect(found.sort()).toEqual([...places].sort());
  });

  test("no function is left out above", () => {
    expect(Object.keys(documented).sort()).toEqual([...FUNCTIONS.keys()].sort());
  });

  test("a gap names every place there is", () => {
    const gap = (name: string) =>
      placeGap(FUNCTIONS.get(name)?.places, { phase: "http_request_firewall_custom", use: "filter" });
    expect(gap("split")).toBe("is available only in response header transform rules and custom error rules");
    expect(gap("sha256")).toBe("is available only in rewrite expressions of transform rules");
    expect(gap("join")).toBeUndefined();
  });
});

test("fields that Cloudflare keeps to some rules", () => {
  const places = (name: string) =>
    all.filter((kind) => {
      return placeGap(FIELDS.get(name)?.places, kinds[kind] as { phase: string; use: Use }) === undefined;
    });
  expect(places("ip.src.timezone.name")).toEqual(rewrites);
  expect(places("http.request.accepted_languages")).toEqual(transforms);
  expect(places("cf.response.1xxx_code")).toEqual([
    "response header filter",
    "response header",
    "custom error",
  ]);
  expect(places("http.response.code")).toEqual([
    "counting",
    "response header filter",
    "response header",
    "custom error",
  ]);
  expect(places("http.request.jwt.claims.aud")).toEqual([
    "custom rule",
    ...rateLimits,
    "request header filter",
    "request header",
  ]);
  expect(places("cf.random_seed")).toEqual(all);
  expect(places("cf.tls_client_auth.cert_revoked")).toEqual(all);
});

test("every phase that a place names exists", () => {
  const known: readonly string[] = [...PHASES.map(({ name }) => name), "magic_transit"];
  expect(Object.values(kinds).filter(({ phase }) => !known.includes(phase))).toEqual([]);
});
