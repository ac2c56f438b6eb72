import { expect, test } from "vitest";
import { discoveryUrl, readDiscovery } from "./discovery.ts";

const ISSUER = "https://id.example.net/";
const DOCUMENT = { issuer: ISSUER, jwks_uri: "https://keys.example.net/set" };
const read = (change: object) => readDiscovery(JSON.stringify({ ...DOCUMENT, ...change }), ISSUER);

test("the document stands below the issuer, with or without a slash at its end", () => {
  const expected = "https://id.example.net/a/.well-known/openid-configuration";
  expect([discoveryUrl("https://id.example.net/a"), discoveryUrl("https://id.example.net/a/")]).toEqual([
    expected,
    expected,
  ]);
});

test("it names the set, and the algorithms where it lists them", () => {
  const url = DOCUMENT.jwks_uri;
  expect(read({})).toEqual({ ok: true, url, algorithms: undefined });
  expect(read({ id_token_signing_alg_values_supported: ["RS256"], other: 1 })).toEqual({
    ok: true,
    url,
    algorithms: ["RS256"],
  });
});

test.each<[string, object, string]>([
  [
    "another issuer",
    { issuer: "https://id.example.net" },
    "the discovery document is for the issuer https://id.example.net, asked was https://id.example.net/: write from.issuer as the provider's tokens have it",
  ],
  ["no set", { jwks_uri: undefined }, "the discovery document does not say jwks_uri as it must"],
  [
    "a set without TLS",
    { jwks_uri: "http://keys.example.net/" },
    "jwks_uri of the discovery document is no https address",
  ],
])("it is refused with %s", (_label, change, reason) => {
  expect(read(change)).toEqual({ ok: false, reason });
});

test("and where it is none", () => {
  expect(readDiscovery("<html>", ISSUER)).toEqual({
    ok: false,
    reason: "the discovery document is not JSON",
  });
});
