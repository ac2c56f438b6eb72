import { CHOICES, type Choices, check, parse } from "@keyturn/edge/language";
import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { PHASES, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { decidedBy } from "./decidedBy.ts";
import { enterprise, exampleFiles } from "./testing/exampleRules.ts";
import {
  acting,
  filled,
  holds,
  link,
  NOW,
  storefront,
  type TestRequest,
  verdict,
} from "./testing/verdict.ts";

const { definitions, problems } = loadDefinitions(exampleFiles(), enterprise);
const desired = compile(definitions, enterprise, assumedRingStates(definitions));

const reader = { storefront: storefront({ scope: "profile orders:read" }) };
const block401 = "401 api.example.com/401/storefront/block/all";
const block403 = "403 api.example.com/403/storefront/block/all";
const ambiguous = "400 api.example.com/ambiguous";
const notListed = "404 api.example.com/otherwise";

test("the example has no problem", () => {
  expect([problems, desired.problems]).toEqual([[], []]);
});

const cases: readonly (readonly [string, TestRequest, string])[] = [
  ["a valid token with the scope", { path: "/orders/1", claims: reader }, "passes"],
  ["no valid token", { path: "/orders/1" }, block401],
  ["the bare prefix", { path: "/orders" }, block401],
  ["a trailing slash", { path: "/orders/" }, block401],
  ["another path with the prefix", { path: "/ordersheet" }, notListed],
  ["another case", { path: "/ORDERS/1" }, block401],
  ["an encoded letter, normalized", { path: "/%6frders/1", normalized: "/orders/1" }, block401],
  ["an encoded letter, normalization off", { path: "/%6frders/1" }, block401],
  ["an encoded capital, normalization off", { path: "/%4Frders/1" }, block401],
  ["HEAD", { method: "HEAD", path: "/orders/1" }, block401],
  ["HEAD with a token", { method: "HEAD", path: "/orders/1", claims: reader }, "passes"],
  ["POST with a token for reading", { method: "POST", path: "/orders", claims: reader }, block403],
  [
    "POST with a token for writing",
    { method: "POST", path: "/orders", claims: { storefront: storefront({ scope: "orders:write" }) } },
    "passes",
  ],
  ["a method that no rule has", { method: "TRACE", path: "/orders", claims: reader }, notListed],
  [
    "a token of another ring",
    { path: "/orders/1", claims: { internal: storefront({ scope: "orders:read" }) } },
    block401,
  ],
  [
    "a wrong issuer",
    {
      path: "/orders/1",
      claims: { storefront: storefront({ scope: "orders:read", iss: "https://auth.example.com" }) },
    },
    block401,
  ],
  [
    "no issuer",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", iss: undefined }) } },
    block401,
  ],
  [
    "a wrong audience",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", aud: "api2" }) } },
    block401,
  ],
  [
    "no audience",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", aud: undefined }) } },
    block401,
  ],
  [
    "a list of audiences with ours",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", aud: ["x", "api"] }) } },
    "passes",
  ],
  [
    "the canary's audience",
    {
      path: "/orders/1",
      claims: { storefront: storefront({ scope: "orders:read", aud: "keyturn-canary" }) },
    },
    block401,
  ],
  [
    "no exp",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", exp: undefined }) } },
    block401,
  ],
  [
    "exp as a text",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", exp: "1900000000" }) } },
    block401,
  ],
  [
    "a fractional exp",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:read", exp: NOW + 0.5 }) } },
    block401,
  ],
  ["no scope", { path: "/orders/1", claims: { storefront: storefront() } }, block403],
  ["an empty scope", { path: "/orders/1", claims: { storefront: storefront({ scope: "" }) } }, block403],
  [
    "a scope that contains the right one",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "orders:readwrite" }) } },
    block403,
  ],
  [
    "a scope that ends in the right one",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "all-orders:read" }) } },
    block403,
  ],
  [
    "the scope in another case",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "Orders:read" }) } },
    block403,
  ],
  [
    "scopes parted by commas",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "a,orders:read" }) } },
    block403,
  ],
  [
    "scopes as an array, where words are defined",
    { path: "/orders/1", claims: { storefront: storefront({ scope: ["orders:read"] }) } },
    block403,
  ],
  [
    "the scope after any number of others",
    { path: "/orders/1", claims: { storefront: storefront({ scope: `${"x ".repeat(300)}orders:read y` }) } },
    "passes",
  ],
  [
    "a longer word with the scope in it",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "x:orders:read orders:read:own" }) } },
    block403,
  ],
  [
    "the scope between other white space than blanks",
    { path: "/orders/1", claims: { storefront: storefront({ scope: "x\torders:read\ny" }) } },
    block403,
  ],
  ["the right role", { path: "/admin", claims: { storefront: storefront({ role: "owner" }) } }, "passes"],
  [
    "a wrong role",
    { path: "/admin/users", claims: { storefront: storefront({ role: "administrator" }) } },
    block403,
  ],
  [
    "a role that is a number",
    { path: "/admin/users", claims: { storefront: storefront({ role: 1 }) } },
    block403,
  ],
  [
    "a role in a list",
    { path: "/admin/users", claims: { storefront: storefront({ role: ["admin"] }) } },
    block403,
  ],
  ["no role", { path: "/admin/users", claims: { storefront: storefront() } }, block403],
  ["an excepted path", { path: "/health" }, "passes"],
  ["an excepted path with HEAD", { method: "HEAD", path: "/health" }, "passes"],
  ["an excepted path with POST", { method: "POST", path: "/health" }, notListed],
  ["an excepted path in another case", { path: "/Health" }, notListed],
  ["an excepted path with a slash", { path: "/health/" }, notListed],
  [
    "a path that normalization makes the excepted one",
    { path: "/%68ealth", normalized: "/health" },
    notListed,
  ],
  ["an encoded slash", { path: "/orders%2f1" }, ambiguous],
  ["an encoded slash in capitals", { path: "/health%2F..%2Fadmin" }, ambiguous],
  ["a doubled slash", { path: "//orders/1" }, ambiguous],
  ["a doubled slash that normalization merges", { path: "/x//orders", normalized: "/x/orders" }, ambiguous],
  ["a backslash", { path: "/x\\orders" }, ambiguous],
  ["an encoded backslash", { path: "/x%5corders" }, ambiguous],
  ["dot segments", { path: "/health/../admin", normalized: "/admin" }, ambiguous],
  ["a dot segment at the end", { path: "/admin/." }, ambiguous],
  ["encoded dot segments", { path: "/health/%2e%2e/admin" }, ambiguous],
  ["a percent sign encoded twice", { path: "/%2561dmin" }, ambiguous],
  ["a path parameter", { path: "/admin;x=1/users" }, ambiguous],
  ["a NUL", { path: "/admin%00" }, ambiguous],
  ["an overlong slash", { path: "/admin%c0%afusers" }, ambiguous],
  ["two dots that are no segment", { path: "/orders/a..b", claims: reader }, "passes"],
  ["an encoded blank", { path: "/orders/a%20b", claims: reader }, "passes"],
  ["an encoded accent", { path: "/orders/caf%C3%A9", claims: reader }, "passes"],
  ["tricks in the query are none", { path: "/orders/1?next=%2f%2e%2e//;", claims: reader }, "passes"],
  [
    "two authorization headers",
    {
      path: "/orders/1",
      headers: [
        ["Authorization", "a"],
        ["authorization", "b"],
      ],
      claims: reader,
    },
    ambiguous,
  ],
  [
    "two session cookies",
    { path: "/orders/1", headers: [["Cookie", "session=a; session=b"]], claims: reader },
    ambiguous,
  ],
  [
    "a token in header and cookie",
    {
      path: "/orders/1",
      headers: [
        ["Authorization", "a"],
        ["Cookie", "session=b"],
      ],
      claims: reader,
    },
    ambiguous,
  ],
  ["one header", { path: "/orders/1", headers: [["Authorization", "Bearer a"]], claims: reader }, "passes"],
  [
    "one cookie among others",
    { path: "/orders/1", headers: [["Cookie", "theme=dark; session=b"]], claims: reader },
    "passes",
  ],
  [
    "a header that overrides the path",
    { path: "/health", headers: [["X-Original-URL", "/admin"]] },
    ambiguous,
  ],
  [
    "a header that overrides the method",
    { path: "/orders/1", headers: [["X-HTTP-Method-Override", "DELETE"]], claims: reader },
    ambiguous,
  ],
  ["the host in capitals", { host: "API.example.com", path: "/orders/1" }, ambiguous],
  ["the host with a dot", { host: "api.example.com.", path: "/orders/1" }, ambiguous],
  ["the host with a port", { host: "api.example.com:8443", path: "/orders/1" }, ambiguous],
  ["another host of the zone", { host: "www.example.com", path: "/orders/1" }, "passes"],
  [
    "a preflight",
    {
      method: "OPTIONS",
      path: "/orders/1",
      headers: [
        ["Origin", "https://x.example"],
        ["Access-Control-Request-Method", "GET"],
      ],
    },
    "passes",
  ],
  [
    "OPTIONS without a requested method",
    { method: "OPTIONS", path: "/admin", headers: [["Origin", "https://x.example"]] },
    block401,
  ],
  [
    "OPTIONS without an origin",
    { method: "OPTIONS", path: "/admin", headers: [["Access-Control-Request-Method", "GET"]] },
    block401,
  ],
  [
    "GET with the headers of a preflight",
    {
      path: "/admin",
      headers: [
        ["Origin", "https://x.example"],
        ["Access-Control-Request-Method", "GET"],
      ],
    },
    block401,
  ],
  ["an unlisted path", { path: "/secret", claims: reader }, notListed],
  [
    "what is off is not listed",
    { path: "/gift-cards", claims: { storefront: storefront({ scope: "gift-cards" }) } },
    notListed,
  ],
  ["a rule in log mode", { path: "/reports/2027" }, "passes"],
  ["one variable segment, not two", { path: "/reports/2027/12" }, notListed],
  [
    "a rule in challenge mode",
    { path: "/preview/spring" },
    "managed_challenge api.example.com/401/storefront/challenge/all",
  ],
  ["a link", { host: "downloads.example.com", path: link("/files/a.pdf") }, "passes"],
  [
    "a link by the newer secret",
    { host: "downloads.example.com", path: link("/files/a.pdf", NOW, "downloads/k2") },
    "passes",
  ],
  [
    "a link by an unknown secret",
    { host: "downloads.example.com", path: link("/files/a.pdf", NOW, "downloads/k3") },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "a link in its last second",
    { host: "downloads.example.com", path: link("/files/a.pdf", NOW - 10_799) },
    "passes",
  ],
  [
    "an expired link",
    { host: "downloads.example.com", path: link("/files/a.pdf", NOW - 10_800) },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "a link for another path",
    { host: "downloads.example.com", path: link("/files/a.pdf").replace("a.pdf", "b.pdf") },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "a link with a changed MAC",
    { host: "downloads.example.com", path: link("/files/a.pdf").replace(/-./, "-_") },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "a link with another parameter behind",
    { host: "downloads.example.com", path: `${link("/files/a.pdf")}&x=1` },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "no link",
    { host: "downloads.example.com", path: "/files/a.pdf" },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "a repeated parameter",
    { host: "downloads.example.com", path: `/files/a.pdf?verify=1&${link("/x").slice(3)}` },
    "403 downloads.example.com/link/downloads/block/all",
  ],
  [
    "the canary of a ring, proved",
    {
      path: "/.well-known/keyturn/storefront",
      claims: { storefront: storefront({ aud: "keyturn-canary" }) },
    },
    "418 canary.storefront",
  ],
  [
    "the canary with a production token",
    { path: "/.well-known/keyturn/storefront", claims: { storefront: storefront() } },
    "403 canary",
  ],
  ["the canary without a token", { path: "/.well-known/keyturn/storefront" }, "403 canary"],
  [
    "the canary of another ring",
    { path: "/.well-known/keyturn/internal", claims: { storefront: storefront({ aud: "keyturn-canary" }) } },
    "403 canary",
  ],
  [
    "the canary of a link ring, proved",
    { host: "downloads.example.com", path: link("/.well-known/keyturn/downloads") },
    "418 canary.downloads",
  ],
  [
    "the canary with a link for a file",
    {
      host: "downloads.example.com",
      path: link("/files/a.pdf").replace("/files/a.pdf", "/.well-known/keyturn/downloads"),
    },
    "403 canary",
  ],
  ["no ring of that name", { path: "/.well-known/keyturn/x" }, "403 canary"],
  [
    "the service's token",
    {
      host: "internal.example.com",
      path: "/jobs/1",
      claims: {
        internal: { iss: "https://services.example.com/", aud: "internal-api", exp: NOW, scope: "jobs" },
      },
    },
    "passes",
  ],
  [
    "the shop's token on the internal host",
    { host: "internal.example.com", path: "/jobs/1", claims: { storefront: storefront({ scope: "jobs" }) } },
    "401 internal.example.com/401/internal/block/all",
  ],
];

test.each(cases)("%s", (_name, request, expected) => {
  expect(verdict(desired, request)).toBe(expected);
});

const alternatives = Object.entries(CHOICES).flatMap(([name, row]) =>
  row.others.map((value): [string, unknown, Partial<Choices>] => [name, value, { [name]: value }]),
);

test.each(alternatives)(
  "with %s = %s, which Cloudflare does not rule out, nothing else is decided",
  (_, __, choices) => {
    for (const [name, request, expected] of cases) {
      expect([name, verdict(desired, { ...request, choices })]).toEqual([name, expected]);
    }
  },
);

test.each(alternatives)("with %s = %s every rule is still taken", (_, __, choices) => {
  for (const zone of desired.zones) {
    const { plan, addOns = [] } = enterprise.zones[0] as (typeof enterprise.zones)[number];
    for (const phase of PHASES) {
      const found = zone.rules[phase].flatMap((rule) =>
        check(parse(filled(rule.expression)), { phase, plan, addOns, choices }),
      );
      expect(found).toEqual([]);
    }
  }
});

test("a rule in log mode logs what it would refuse, and says by which branch", () => {
  const request = { path: "/reports/2027" };
  const logged = acting(desired, request).map((rule) => rule.ref);
  expect(logged).toEqual([
    "keyturn:dev:api.example.com/401/storefront/log/all",
    "keyturn:dev:api.example.com/403/storefront/log/all",
  ]);
});

test("the branch that decided is told apart from its neighbours in the same rule", () => {
  const ref = "keyturn:dev:api.example.com/401/storefront/block/all";
  const decided = (request: TestRequest) =>
    decidedBy(desired, ref, (expression) => holds(expression, request));
  expect(decided({ path: "/orders/1" })).toEqual(["orders-read"]);
  expect(decided({ method: "POST", path: "/orders" })).toEqual(["orders-write"]);
  expect(decided({ path: "/admin" })).toEqual(["admin"]);
  expect(decided({ path: "/health" })).toEqual([]);
  expect(decidedBy(desired, "somebody-else", () => true)).toEqual([]);
});

test("the rate limit counts validated tokens only, each subject by itself", () => {
  const [limit] = desired.zones[0]?.rules[RATE_LIMIT_PHASE] ?? [];
  expect(limit).toMatchObject({
    ref: "keyturn:dev:rate/orders-read",
    action: "block",
    action_parameters: { response: { status_code: 429, content_type: "application/json" } },
    ratelimit: {
      characteristics: [
        "cf.colo.id",
        `lookup_json_string(http.request.jwt.claims["\${config:storefront}"][0], "sub")`,
      ],
      period: 60,
      requests_per_period: 100,
      mitigation_timeout: 60,
    },
    rings: ["storefront"],
  });
  const counts = (request: TestRequest) => holds(limit?.expression ?? "", request);
  expect(counts({ path: "/orders/1", claims: reader })).toBe(true);
  expect(counts({ path: "/orders/1" })).toBe(false);
  expect(counts({ path: "/admin", claims: reader })).toBe(false);
});
