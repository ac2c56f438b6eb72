import { expect, test } from "vitest";
import { OPERATORS } from "./comparisons.ts";
import { FIELDS } from "./fields.ts";
import { binders } from "./functions/binders.ts";
import { FUNCTIONS } from "./functions.ts";

/**
 * What Cloudflare documents of the language, written down once more, so that a row that gets lost in the
 * tables is noticed. As of 2026-11.
 */
const documented = {
  operators: "eq ne lt le gt ge contains matches in wildcard strict+wildcard not and xor or"
    .replaceAll("+", "_")
    .split(" "),
  signs: "== != < <= > >= ~ ! && ^^ ||".split(" "),
  functions: `any all concat len lower upper starts_with ends_with substring split join has_key has_value
    lookup_json_string lookup_json_integer url_decode decode_base64 encode_base64 sha256 cidr cidr6 remove_bytes
    to_string regex_replace wildcard_replace remove_query_args uuidv4 is_timed_hmac_valid_v0 is_jwt_valid
    is_jwt_present bit_slice`.split(/\s+/),
  fields: `http.host http.request.method http.request.full_uri http.user_agent http.cookie http.referer
    http.request.version http.request.uri http.request.uri.path http.request.uri.query
    http.request.uri.path.extension raw.http.request.uri raw.http.request.uri.path raw.http.request.uri.query
    raw.http.request.full_uri http.request.uri.args http.request.uri.args.names http.request.uri.args.values
    http.request.headers http.request.headers.names http.request.headers.values http.request.headers.truncated
    http.request.cookies http.request.timestamp.sec http.request.timestamp.msec http.request.body.raw
    http.request.body.form http.request.body.size http.request.body.truncated http.request.body.multipart
    ip.src ip.src.asnum ip.src.country ip.src.continent ip.geoip.asnum ip.geoip.country ip.geoip.continent
    ssl cf.client.bot cf.api_gateway.auth_id_present cf.api_gateway.fallthrough_detected cf.ray_id cf.waf.score
    cf.threat_score cf.tls_client_auth.cert_verified http.response.code http.response.headers
    cf.colo.id cf.unique_visitor_id cf.bot_management.ja3_hash cf.bot_management.ja4
    http.request.jwt.claims http.request.jwt.claims.aud http.request.jwt.claims.iss http.request.jwt.claims.jti
    http.request.jwt.claims.sub http.request.jwt.claims.iat.sec http.request.jwt.claims.nbf.sec`.split(/\s+/),
};

test("every documented operator has a row", () => {
  const names = new Set(OPERATORS.map((row) => row.name.replace(" ", "_")));
  expect(documented.operators.filter((name) => !names.has(name))).toEqual([]);
  const signs = new Set(OPERATORS.map((row) => row.sign));
  expect(documented.signs.filter((sign) => !signs.has(sign))).toEqual([]);
});

test("every documented function has a row and an implementation, and no other has", () => {
  expect([...FUNCTIONS.keys()].sort()).toEqual([...documented.functions].sort());
  expect(Object.keys(binders).sort()).toEqual([...FUNCTIONS.keys()].sort());
});

test("every documented field has a row", () => {
  expect(documented.fields.filter((name) => !FIELDS.has(name))).toEqual([]);
  for (const claim of ["aud", "iss", "jti", "sub", "iat.sec", "nbf.sec"]) {
    expect(FIELDS.has(`http.request.jwt.claims.${claim}.names`)).toBe(true);
    expect(FIELDS.has(`http.request.jwt.claims.${claim}.values`)).toBe(true);
  }
});

test("every row says where it is from and when", () => {
  for (const row of [...FIELDS.values(), ...FUNCTIONS.values(), ...OPERATORS]) {
    expect(row.source).toMatch(/^developers\.cloudflare\.com: |^the public engine \(github/);
    expect(row.asOf).toMatch(/^20\d\d-\d\d$/);
  }
});
