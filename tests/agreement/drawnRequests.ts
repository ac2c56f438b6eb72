import fc from "fast-check";
import { normalizePath } from "../../edge/pipeline/normalizeUrl.ts";
import { link, NOW, type TestRequest } from "../../model/compile/testing/verdict.ts";
import type { PolicyRequest } from "../../model/policy/evaluate.ts";
import { DATES, HOST, often, optional } from "./drawnHosts.ts";

/* Random requests, and what the edge and policies are given of them. */

const pathOf = (segments: fc.Arbitrary<string>, end: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.array(segments, { minLength: 1, maxLength: 4 }), end)
    .map(([parts, slash]) => `/${parts.join("/")}${slash}`);
const letters = fc.constantFrom(
  "a",
  "b",
  "ab",
  "a",
  "b",
  "A",
  "aB",
  "x",
  "aab",
  "x-ab",
  "X-",
  "%61",
  "%41b",
  "a%40",
);
const opened = fc
  .array(
    fc.constantFrom("a", "ab", "%2f", "/", "//", "..", "%2F%2f", "%61", ";", "%252f", ".", "A", "\\\\"),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .chain((parts) =>
    fc.constantFrom("/o/", "/o/", "/o", "/O/", "//o/", "/o%2f").map((start) => start + parts.join("")),
  );
const spelled = pathOf(letters, fc.constantFrom("", "", "", "/"));
const tricks = fc.constantFrom("a;b", "a%2fb", "..", "%2e", "a%zz", "é", "%25", "\\\\a", "%20");
const ambiguous = pathOf(fc.oneof(letters, tricks), fc.constantFrom("", "/", "//"));
const said = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 10,
    arbitrary: fc.constantFrom<unknown>("admin", "owner", "admin", "owner", ["admin"], 5, 6, -1, [
      "x",
      "admin",
    ]),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom<unknown>(
      "administrator",
      "user",
      "",
      "5",
      "é",
      "e\u0301",
      'say "hi"\\',
      5.5,
      2 ** 53,
      2 ** 64,
      true,
      null,
      [],
      ["x", "y", "admin"],
      ["admin", 5],
      [[5, "admin"]],
      { level: "admin" },
    ),
  },
);
const document = (iss: string) =>
  fc.record({
    iss: fc.constantFrom(iss, iss, iss, iss, "other"),
    aud: fc.constantFrom("api", "api", "api", ["x", "api"], "api2"),
    exp: fc.constantFrom<number | string | undefined>(NOW + 60, NOW + 60, NOW + 60, "soon", undefined),
    scope: fc.constantFrom(undefined, "read", "write", "read write", "readwrite", "unread read-all"),
    role: said,
    jti: said,
    sub: fc.constantFrom<unknown>("u", ["w", "v"], ["w"], 5, undefined),
    user: fc.oneof(
      said,
      said.map((level) => ({ level })),
    ),
    "https://x.example/é": said,
  });
/** Requests in every spelling. */
export const request = fc.record({
  method: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom("GET", "GET", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS") },
    { weight: 1, arbitrary: fc.constantFrom("BREW", "PROPFIND") },
  ),
  path: fc.oneof(
    { weight: 1, arbitrary: fc.constant("/") },
    { weight: 20, arbitrary: spelled },
    { weight: 5, arbitrary: opened },
    { weight: 2, arbitrary: ambiguous },
  ),
  shop: optional(document("shop")),
  staff: optional(document("staff")),
  link: fc.boolean(),
  host: fc.oneof(
    { weight: 12, arbitrary: fc.constant(HOST) },
    { weight: 6, arbitrary: fc.constantFrom("beta.example.com", "x.example.com", "y.eu.example.com") },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "API.example.com",
        `${HOST}:8443`,
        "Beta.example.com.",
        "X.example.com",
        "x.EU.example.com",
        "x.example.com.",
        "x.eu.example.com.:443",
        "eu.example.com",
        "example.com",
        `${HOST}.x.example.com`,
      ),
    },
  ),
  headers: often<readonly (readonly [string, string])[]>(
    [],
    [["authorization", "Bearer t"]],
    [
      ["Authorization", "Bearer t"],
      ["authorization", "Bearer u"],
    ],
    [["cookie", "session=t; session=u"]],
    [
      ["authorization", "Bearer t"],
      ["cookie", "a=b; session=t"],
    ],
    [["X-HTTP-Method-Override", "GET"]],
    [["x-k", ""]],
    [["x-staff", "bad"]],
    [["cookie", "%73ession=t"]],
    [["cookie", "session; other=session"]],
    [
      ["origin", "https://app.example.com"],
      ["access-control-request-method", "GET"],
    ],
  ),
  at: fc.constantFrom(...DATES.flatMap((date) => [date - 1, date, date + 1])),
  normalization: fc.constantFrom("rfc3986" as const, "cloudflare" as const),
});
export type Drawn = typeof request extends fc.Arbitrary<infer R> ? R : never;

/** The drawn headers, and a token in its place where there is one. */
function headersOf({ shop, staff, headers }: Drawn): Drawn["headers"] {
  const has = (name: string, value = "") =>
    headers.some(([each, text]) => each.toLowerCase() === name && text.includes(value));
  const shopIsSent = has("authorization") || has("cookie", "session=");
  return [
    ...headers,
    ...(shop === undefined || shopIsSent ? [] : [["authorization", "Bearer t"] as const]),
    ...(staff === undefined || has("x-staff") ? [] : [["x-staff", "t"] as const]),
  ];
}

/** A drawn request as the edge gets it. */
export function sentBy(drawn: Drawn): TestRequest {
  const { method, path, shop, staff, host: name, normalization } = drawn;
  const [signed = "", query = ""] = drawn.link ? link(normalizePath(path, normalization)).split("?") : [];
  const full = query === "" ? "" : `?${query}`;
  return {
    method,
    host: name,
    path: `${path}${full}`,
    normalized: `${signed || normalizePath(path, normalization)}${full}`,
    headers: headersOf(drawn),
    at: drawn.at,
    claims: { ...(shop === undefined ? {} : { shop }), ...(staff === undefined ? {} : { staff }) },
  };
}

/** A drawn request as policies see it. */
export function askedBy(drawn: Drawn): PolicyRequest {
  const { method, path, host: name } = drawn;
  const isValid = (ring: "shop" | "staff") => {
    const claims = drawn[ring];
    return claims?.iss === ring && [claims.aud].flat().includes("api") && typeof claims.exp === "number";
  };
  const tokens = Object.fromEntries(
    (["shop", "staff"] as const).filter(isValid).map((ring) => [ring, drawn[ring] ?? {}]),
  );
  return {
    host: name,
    method,
    path,
    headers: headersOf(drawn),
    tokens,
    links: drawn.link ? ["downloads"] : [],
  };
}
