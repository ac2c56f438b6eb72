import fc from "fast-check";
import { claimsOf } from "../claims.ts";
import { parseIp } from "../ip.ts";
import { type JwtClaims, RequestFields, type RequestInput } from "../request.ts";
import { configurations } from "./expressions.ts";
import { listNames } from "./literals.ts";

const bytes = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 12 });
const names = ["a", "X-Api-Key", "Cookie", "Accept", "content-type", "__proto__"];
const interesting = [
  "",
  "a=b; c=%zz; =x; session",
  "multipart/form-data; boundary=X",
  "application/x-www-form-urlencoded",
  "aGVsbG8=",
  "a b,c é",
  "%u00e9%2525%",
  '{"a":1}',
  "/x?verify=1790000000-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS",
];
const text = fc.oneof(fc.constantFrom(...interesting), bytes);

const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    '{"a":42.0,"":7,"é":"ü"}',
    '{"a":{"a":[{"a":"x"}]}}',
    '{"a":1e400,"b":-0,"c":123456789012345678901234567890}',
    '{"__proto__":"x","constructor":["y"]}',
    '{"a":"\\ud800"}',
    "not json",
    "",
    `${"[".repeat(50_000)}`,
    `${"[".repeat(200)}${"]".repeat(200)}`,
    '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--X--',
  ),
  bytes,
);

const claims = fc
  .array(fc.tuple(fc.constantFrom(...configurations), json), { maxLength: 2 })
  .map((entries) => {
    return new Map<string, JwtClaims>(entries.map(([id, document]) => [id, claimsOf(document)]));
  });

const lists = fc.constantFrom<RequestInput["lists"]>(
  undefined,
  new Map([
    [listNames[0], { kind: "ip", items: ["10.0.0.0/8", "2001:db8::/32", "broken", "1.2.3.4/99"] }],
    [listNames[1], { kind: "asn", items: ["64496", "x"] }],
    [listNames[2], { kind: "hostname", items: ["api.example.com", "*.example.org"] }],
  ] as const),
);

/** Requests of every shape a pipeline can build, missing members, broken JSON and odd bytes included. */
export const requests: fc.Arbitrary<RequestFields> = fc
  .record({
    method: fc.constantFrom("GET", "POST", ""),
    scheme: fc.constantFrom("http" as const, "https" as const),
    host: fc.oneof(fc.constant("api.example.com"), text),
    path: fc.oneof(fc.constantFrom("/", "/admin/x.PHP", ""), text),
    query: fc.oneof(fc.constantFrom("", "a=1&a=2&&=x&verify"), text),
    headers: fc.array(fc.tuple(fc.constantFrom(...names), text), { maxLength: 5 }),
    timestampMs: fc.oneof(fc.integer(), fc.constant(1_790_000_000_123)),
    address: fc.option(fc.constantFrom("10.1.2.3", "::1", "2001:db8::9", "nonsense"), { nil: undefined }),
    body: fc.option(json, { nil: undefined }),
    asn: fc.option(fc.nat(70_000), { nil: undefined }),
    claims: fc.option(claims, { nil: undefined }),
    lists,
    isValid: fc.option(fc.boolean(), { nil: undefined }),
    seed: fc.option(fc.constantFrom("", "0123456789abcdef"), { nil: undefined }),
  })
  .map(({ address, body, asn, claims: verified, lists: named, isValid, seed, ...rest }) => {
    const ip = address === undefined ? undefined : (parseIp(address) ?? address);
    return new RequestFields({
      ...rest,
      ...(ip === undefined ? {} : { ip }),
      ...(body === undefined ? {} : { body }),
      ...(asn === undefined ? {} : { asn }),
      ...(verified === undefined ? {} : { claims: verified }),
      ...(named === undefined ? {} : { lists: named }),
      ...(isValid === undefined ? {} : { jwtValid: () => isValid, jwtPresent: () => !isValid }),
      ...(seed === undefined ? {} : { others: { "cf.random_seed": seed } }),
    });
  });
