import { claimsOf, parseIp, type RequestInput } from "@keyturn/edge/language";

/** The token configuration that the benchmark's claims are keyed by. */
export const configuration = "51231d16-01f1-48e3-93f8-91c99e81288e";

const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "curl/8.9.1",
  "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.com/bot)",
  "python-requests/2.32",
];
const paths = [
  "/",
  "/orders/1842",
  "/orders/1842/lines",
  "/admin/users",
  "/login",
  "/health",
  "/static/app.9f2c.js",
  "/.env",
  "/downloads/cat.jpg",
  "/v2/accounts/77/export.csv",
];
const methods = ["GET", "GET", "GET", "POST", "PUT", "OPTIONS", "DELETE"];
const hosts = ["api.example.com", "www.example.com", "staging.example.com"];
const addresses = ["192.0.2.7", "198.51.100.4", "203.0.113.99", "2001:db8::7", "10.3.2.1"];
const countries = ["NL", "US", "DE", "KP"];

function claims(index: number) {
  const scopes = ["orders:read", "orders:write", "profile", "orders:readwrite"]
    .slice(0, 1 + (index % 4))
    .join(" ");
  return claimsOf(
    JSON.stringify({
      iss: "https://auth.example.com/",
      sub: `user-${index % 17}`,
      aud: index % 3 === 0 ? ["api", "web"] : "api",
      scope: scopes,
      role: index % 5 === 0 ? "admin" : "member",
      tenant: { id: index % 9, name: `tenant-${index % 9}` },
      iat: 1_790_000_000 + index,
      exp: 1_790_000_900 + index,
    }),
  );
}

/** 210 requests that differ in what the expressions look at; a third of them without a token. */
export function requestInputs(): readonly RequestInput[] {
  const pick = <T>(values: readonly T[], index: number) => values[index % values.length] as T;
  return Array.from({ length: 210 }, (_, index) => {
    const ip = parseIp(pick(addresses, index));
    return {
      method: pick(methods, index),
      scheme: "https",
      host: pick(hosts, index),
      path: pick(paths, index),
      query: index % 4 === 0 ? "" : `page=${index}&sort=asc&verify=1790000000-abc`,
      headers: [
        ["Host", pick(hosts, index)],
        ["User-Agent", pick(agents, index)],
        ["Accept", "application/json"],
        ["Cookie", `session=${index}; theme=dark`],
        ["X-Api-Key", `key-${index % 6}`],
        ["Content-Type", "application/json"],
      ],
      version: "HTTP/2",
      timestampMs: 1_790_000_100_000 + index * 1000,
      ...(ip === undefined ? {} : { ip }),
      asn: 64_500 + (index % 20),
      country: pick(countries, index),
      continent: "EU",
      body: JSON.stringify({ action: index % 2 === 0 ? "pay" : "refund", amount: index }),
      claims: index % 3 === 1 ? new Map() : new Map([[configuration, claims(index)]]),
      others: { "cf.waf.score": index % 100 },
    };
  });
}
