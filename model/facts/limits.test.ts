import { describe, expect, test } from "vitest";
import { algorithmOf, algorithms } from "./algorithms.ts";
import { gates, hasFeature, limitOf, limits } from "./limits.ts";

describe("limits", () => {
  test("a zone's own value goes before its plan's", () => {
    expect(limitOf({ plan: "pro" }, "customRules")).toBe(20);
    expect(limitOf({ plan: "pro", limits: { customRules: 40 } }, "customRules")).toBe(40);
    expect(limitOf({ plan: "enterprise" }, "keysPerConfiguration")).toBe(16);
  });

  test("every row says where it was read and when", () => {
    for (const row of [...limits, ...gates, ...algorithms]) {
      expect(row.source).toMatch(/^developers\.cloudflare\.com\//);
      expect(row.asOf).toBe("2026-11");
    }
  });
});

describe("features", () => {
  test.each([
    ["jwtClaims needs the addition", { plan: "enterprise" }, "jwtClaims", false],
    ["jwtClaims with it", { plan: "enterprise", addOns: ["api_shield"] }, "jwtClaims", true],
    ["the addition on a smaller plan", { plan: "business", addOns: ["api_shield"] }, "jwtClaims", false],
    ["links on Pro", { plan: "pro" }, "hmac", true],
    ["links on Free", { plan: "free" }, "hmac", false],
    ["regular expressions on Pro", { plan: "pro" }, "regex", false],
    ["regular expressions on Business", { plan: "business" }, "regex", true],
    ["log on Business", { plan: "business" }, "log", false],
  ] as const)("%s", (_name, zone, feature, expected) => {
    expect(hasFeature(zone, feature)).toBe(expected);
  });
});

test("only algorithms that Cloudflare verifies have a row", () => {
  expect(algorithms.map((row) => row.alg)).toEqual([
    "ES256",
    "ES384",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "HS256",
    "HS384",
    "HS512",
  ]);
  expect(algorithmOf("HS384")).toMatchObject({ kty: "oct", minSecretBytes: 48 });
  expect(algorithmOf("ES512")).toBeUndefined();
});
