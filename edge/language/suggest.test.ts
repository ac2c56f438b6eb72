import { expect, test } from "vitest";
import { FIELDS } from "./fields.ts";
import { FUNCTIONS } from "./functions.ts";
import { nearest } from "./suggest.ts";

test.each([
  ["http.hots", "http.host"],
  ["http.hst", "http.host"],
  ["sll", "ssl"],
  ["http.hostt", "http.host"],
  ["HTTP.Host", "http.host"],
  ["http.useragent", "http.user_agent"],
  ["http.request.uripath", "http.request.uri.path"],
  ["http.request.url.path", "http.request.uri.path"],
  ["http.reqest.uri.paht", "http.request.uri.path"],
  ["http.request.header", "http.request.headers"],
  ["uri.path", "http.request.uri.path"],
  ["cert_verified", "cf.tls_client_auth.cert_verified"],
  ["cf.tls_client_auth.cert_verifed", "cf.tls_client_auth.cert_verified"],
])("%s means %s", (name, field) => {
  expect(nearest(name, FIELDS.keys())).toBe(field);
});

test.each([
  "cf.tls_client_auth.cert_unverified",
  "cf.tls_client_auth.cert_not_verified",
  "cf.tls_client_auth.cert_valid",
  "cf.tls_client_auth.cert_expired",
  "cf.tls_client_auth.cert_not_befter",
  "http.response.method",
  "http.request.code",
  "ip.src.lot",
  "ip.dst",
  "cf.timings.client_udp_rtt_msec",
  "http.request.jwt.claims.exp",
  "headers",
  "",
  "x".repeat(101),
])("%s means nothing for certain", (name) => {
  expect(nearest(name, FIELDS.keys())).toBeUndefined();
});

test("a slip between two names that exist is nobody's guess", () => {
  expect(nearest("xt", ["lt", "gt", "eq"])).toBeUndefined();
  expect(nearest("list_3", ["list_1", "list_2"])).toBeUndefined();
  expect(nearest("cidr4", FUNCTIONS.keys())).toBeUndefined();
  expect(nearest("start_with", FUNCTIONS.keys())).toBe("starts_with");
  expect(nearest("lowe", FUNCTIONS.keys())).toBe("lower");
});

test("no field is offered for another that exists, and none for one with a negation in it", () => {
  const names = [...FIELDS.keys()];
  for (const name of names) {
    expect([name, nearest(name, names)]).toEqual([name, name]);
    const at = name.lastIndexOf(".") + 1;
    for (const not of ["not_", "un", "in", "non", "no_", "is_not_"]) {
      const negated = `${name.slice(0, at)}${not}${name.slice(at)}`;
      if (!FIELDS.has(negated)) expect([negated, nearest(negated, names)]).toEqual([negated, undefined]);
    }
  }
});
