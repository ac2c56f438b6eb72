import { expect, test } from "vitest";
import { hostFor, isBelow, isHostPattern, sampleName } from "./hostNames.ts";

test.each([
  ["*.example.com", true],
  ["*.eu.example.com", true],
  ["api.example.com", true],
  ["*.com", false],
  ["*.*.example.com", false],
  ["a.*.example.com", false],
  ["*a.example.com", false],
  ["*", false],
  ["*.", false],
  ["*.example.com.", false],
])("%s is a host: %s", (text, is) => expect(isHostPattern(text)).toBe(is));

test.each([
  ["a.example.com", "*.example.com", true],
  ["a.b.example.com", "*.example.com", true],
  ["*.b.example.com", "*.example.com", true],
  ["example.com", "*.example.com", false],
  ["*.example.com", "*.example.com", false],
  ["badexample.com", "*.example.com", false],
  ["a.example.com", "example.com", false],
])("%s is below %s: %s", (host, wildcard, is) => expect(isBelow(host, wildcard)).toBe(is));

test.each([
  ["api.example.com", "api.example.com"],
  ["x.example.com", "*.example.com"],
  ["x.y.example.com", "*.example.com"],
  ["x.eu.example.com", "*.eu.example.com"],
  ["eu.example.com", "*.example.com"],
  ["api.eu.example.com", "api.eu.example.com"],
  ["example.com", undefined],
  ["x.example.org", undefined],
])("%s belongs to %s", (name, host) => {
  const hosts = ["*.example.com", "*.eu.example.com", "api.example.com", "api.eu.example.com"];
  expect(
    hostFor(
      name,
      hosts.map((each) => ({ host: each })),
    )?.host,
  ).toBe(host);
});

test("a made-up name below a wildcard is no other host's", () => {
  expect(sampleName("api.example.com", [])).toBe("api.example.com");
  expect(sampleName("*.example.com", [])).toBe("keyturn.example.com");
  expect(sampleName("*.example.com", ["keyturn.example.com", "keyturn-2.example.com"])).toBe(
    "keyturn-3.example.com",
  );
});
