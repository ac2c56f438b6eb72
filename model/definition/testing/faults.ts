import type { Environment } from "../types.ts";

/*
 * A sound set of definitions with one member on each line, and faults that each change one line and have one problem.
 * No line comes or goes, so that a problem keeps its place whatever else is wrong.
 */

const zone = { id: "0".repeat(32), name: "example.com", plan: "enterprise" } as const;

/** The stack that the definitions are for. */
export const STACK: Environment = {
  stack: "dev",
  zones: [
    { ...zone, addOns: ["api_shield", "advanced_rate_limiting"] },
    { ...zone, id: "1".repeat(32), name: "example.org", plan: "pro" },
  ],
};

export const SOUND: Readonly<Record<string, string>> = {
  "keys.yaml": `keys:
  shop:
    algorithm: ES256
    tokens:
      issuer: https://auth.example.com/
      audience: api
      lifetime: 15m
      scope:
        claim: scp
        as: array
        length: 4
    rotation:
      every: 90d
      lead: 1h
      overlap: 2d
    signer:
      secretsStore: auth-key
  staff:
    algorithm: RS256
    modulus: 2048
    tokens:
      issuer: https://staff.example.com/
      audience: back-office
      lifetime: 1h
    rotation:
      every: 60d
    publish:
      jwks: true
  downloads:
    hmac:
      parameter: verify
      lifetime: 3h
      longestLifetime: 5h
      bind: [path]
    rotation:
      every: 30d
`,
  "api.yaml": `host: api.example.com
tokens:
  ring: shop
  in: [header authorization]
cors:
  preflight: allow
otherwise: allow
rules:
  - id: orders
    match:
      method: GET
      path: /orders/*
    require:
      scope: orders:read
      claims:
        role: [admin]
        tags:
          has: x
          length: 3
    rateLimit:
      per: token sub
      requests: 5
      every: 1m
      for: 2m
    mode: block
  - id: files
    match:
      path: /files/*
    require:
      link: downloads
    mode: challenge
  - id: staff-only
    match:
      path: /staff/*
    require:
      ring: staff
  - id: raw
    match:
      path: /raw
    expression: not ssl
except:
  - id: health
    match:
      path: /orders/health
`,
  "www.yaml": `host: www.example.org
rules:
  - id: web
    match:
      path: /w/*
    rateLimit:
      per: ip
      requests: 9
      every: 10s
    mode: block
`,
};

export interface Fault {
  readonly file: string;
  /** The line that changes, and what it becomes. */
  readonly line: string;
  readonly becomes: string;
  readonly code: string;
  /** Other lines of the file that the check looks at: where one of them is wrong too, it may find something else. */
  readonly reads?: readonly string[];
}

function fault(
  file: string,
  line: string,
  becomes: string,
  code: string,
  reads: readonly string[] = [],
): Fault {
  return { file, line, becomes, code, reads };
}

const keys = fault.bind(undefined, "keys.yaml");
const api = fault.bind(undefined, "api.yaml");
const www = fault.bind(undefined, "www.yaml");

/** Every line is named as it stands, with its blanks. */
export const FAULTS: readonly Fault[] = [
  keys("    algorithm: ES256", "    algoritm: ES256", "MEMBER_UNKNOWN"),
  keys("    algorithm: ES256", "    algorithm: [ES256]", "VALUE_INVALID"),
  keys("    algorithm: ES256", "    algorithm: ES512", "ALGORITHM_UNSUPPORTED"),
  keys("      issuer: https://auth.example.com/", "      issuer: 7", "VALUE_INVALID"),
  keys("      issuer: https://auth.example.com/", "      issuer: $ISSUER", "VALUE_INVALID"),
  keys("      audience: api", "      audiense: api", "MEMBER_UNKNOWN"),
  keys("      audience: api", "      audience: keyturn-canary", "AUDIENCE_RESERVED"),
  keys("      lifetime: 15m", "      lifetime: 15", "VALUE_INVALID"),
  keys("      lifetime: 15m", "      lifetime: soon", "DURATION_INVALID"),
  keys("      lifetime: 15m", "      lifetime: 25h", "LIFETIME_TOO_LONG"),
  keys("        as: array", "        as: list", "VALUE_INVALID"),
  keys("        length: 4", "        length: 40", "VALUE_INVALID"),
  keys("      every: 90d", "      every: [90d]", "VALUE_INVALID"),
  keys("      every: 90d", "      every: ninety", "DURATION_INVALID"),
  keys("      every: 90d", "      every: 1d", "ROTATION_PERIOD_TOO_SHORT", [
    "      lead: 1h",
    "      overlap: 2d",
    "      lifetime: 15m",
  ]),
  keys("      every: 90d", "      every: 400d", "ROTATION_PERIOD_LONG"),
  keys("      lead: 1h", "      lead: 5m", "ROTATION_LEAD_TOO_SHORT"),
  keys("      lead: 1h", "      led: 1h", "MEMBER_UNKNOWN"),
  keys("      overlap: 2d", "      overlap: 10m", "ROTATION_OVERLAP_TOO_SHORT", ["      lifetime: 15m"]),
  keys("      secretsStore: auth-key", "      secretsStore: 4", "VALUE_INVALID"),
  keys("      secretsStore: auth-key", "      secretsStore: auth key", "VALUE_INVALID"),
  keys("    modulus: 2048", "    modulus: 1024", "MODULUS_TOO_SHORT"),
  keys("    modulus: 2048", "    modulus: big", "VALUE_INVALID"),
  keys("      jwks: true", "      jwks: maybe", "VALUE_INVALID"),
  keys("      parameter: verify", "      parameter: 9", "VALUE_INVALID"),
  keys("      parameter: verify", "      parameter: a b", "PARAMETER_INVALID"),
  keys("      lifetime: 3h", "      lifetime: {}", "VALUE_INVALID"),
  keys("      longestLifetime: 5h", "      longestLifetime: 1h", "HMAC_LIFETIME_ORDER", [
    "      lifetime: 3h",
  ]),
  keys("      bind: [path]", "      bind: [paths]", "VALUE_INVALID"),
  keys("      bind: [path]", "      bind: [query]", "VALUE_INVALID"),
  keys("      every: 30d", "      evry: 30d", "MEMBER_UNKNOWN"),

  api("host: api.example.com", "host: API.example.com", "HOST_INVALID"),
  api("host: api.example.com", "host: 7", "VALUE_INVALID"),
  api("host: api.example.com", "host: [api.example.com, 7]", "VALUE_INVALID"),
  api("host: api.example.com", "host: [api.example.com, API.example.com]", "HOST_INVALID"),
  api("host: api.example.com", "host: [api.example.com, api.example.net]", "HOST_WITHOUT_ZONE"),
  api("host: api.example.com", "hots: api.example.com", "MEMBER_UNKNOWN"),
  api("host: api.example.com", "host: api.example.net", "HOST_WITHOUT_ZONE"),
  api("  ring: shop", "  ring: [shop]", "VALUE_INVALID"),
  api("  ring: shop", "  ring: shopp", "RING_UNKNOWN"),
  api("  in: [header authorization]", "  in: header authorization", "VALUE_INVALID"),
  api("  in: [header authorization]", "  in: [header Authorization]", "TOKEN_SOURCE_INVALID"),
  api("  preflight: allow", "  preflight: yes", "VALUE_INVALID"),
  api("otherwise: allow", "otherwise: denied", "VALUE_INVALID"),
  api("  - id: orders", "  - id: 12", "VALUE_INVALID"),
  api("  - id: orders", "  - id: Orders", "RULE_ID_INVALID"),
  api("  - id: orders", "  - name: orders", "MEMBER_UNKNOWN|MEMBER_MISSING"),
  api("  - id: files", "  - id: raw", "RULE_ID_DUPLICATE", ["  - id: raw"]),
  api("      method: GET", "      method: FETCH", "METHOD_INVALID"),
  api("      method: GET", "      method: [GET, MOVE]", "METHOD_HAS_TARGET"),
  api("      method: GET", "      method: 1", "VALUE_INVALID"),
  api("      path: /orders/*", "      path: orders/*", "PATH_INVALID"),
  api("      path: /orders/*", "      path: { is: /orders }", "VALUE_INVALID"),
  api("      path: /orders/*", "      path: [/orders/*, 7]", "VALUE_INVALID"),
  api("      path: /orders/*", "      path: [/orders/*, orders]", "PATH_INVALID"),
  api("      path: /orders/*", "      path: [/orders/*, /orders/1]", "PATH_COVERED"),
  api("      path: /orders/*", "      pth: /orders/*", "MEMBER_UNKNOWN"),
  api("      scope: orders:read", "      scope: [orders:read, 5]", "VALUE_INVALID"),
  api("      scope: orders:read", '      scope: "a b"', "SCOPE_INVALID"),
  api("        role: [admin]", "        role: [admin, 5]", "CLAIM_INVALID"),
  api("        role: [admin]", "        role: true", "VALUE_INVALID"),
  api(
    "        role: [admin]",
    `        role: [${Array.from({ length: 400 }, (_, index) => `role-${index}`).join(", ")}]`,
    "EXPRESSION_TOO_LONG",
    ["host: api.example.com", "  ring: shop"],
  ),
  api("          has: x", "          has: {}", "VALUE_INVALID"),
  api("          length: 3", "          lenght: 3", "MEMBER_UNKNOWN"),
  api("      per: token sub", "      per: user", "RATE_LIMIT_KEY_INVALID"),
  api("      per: token sub", "      per: [ip]", "VALUE_INVALID"),
  api("      requests: 5", "      requests: 0", "VALUE_INVALID"),
  api("      every: 1m", "      every: 45s", "RATE_LIMIT_PERIOD"),
  api("      every: 1m", "      every: 1 minute and more", "DURATION_INVALID"),
  api("      for: 2m", "      for: 7m", "RATE_LIMIT_PERIOD"),
  api("    mode: block", "    mode: blok", "VALUE_INVALID"),
  api("    mode: block", "    mode: { first: log, block: 2027-01-01 }", "MODE_STAGES_INVALID"),
  api("    mode: block", "    after: ordres", "RULE_ORDER_WITHOUT_EXPRESSION|RULE_UNKNOWN", [
    "  - id: orders",
  ]),
  api("    mode: challenge", "    rateLimit: 5", "VALUE_INVALID"),
  api("      link: downloads", "      link: download", "RING_UNKNOWN"),
  api("      link: downloads", "      link: shop", "RING_KIND_WRONG"),
  api("      link: downloads", "      lnk: downloads", "MEMBER_UNKNOWN"),
  api("      ring: staff", "      ring: { id: staff }", "VALUE_INVALID"),
  api("      ring: staff", "      ring: downloads", "RING_KIND_WRONG"),
  api("    expression: not ssl", "    expression: not sl", "EXPRESSION_INVALID"),
  api("    expression: not ssl", "    expression: 1", "VALUE_INVALID"),
  api("    expression: not ssl", "    mode: block", "RULE_EMPTY"),
  api("  - id: health", "  - id: orders", "RULE_ID_DUPLICATE", ["  - id: orders"]),
  api("      path: /orders/health", "      path: /orders//health", "PATH_INVALID"),

  www("      path: /w/*", "      path: /w/{id}", "PLAN_LACKS", ["host: www.example.org"]),
  www("      per: ip", "      per: header x-user", "PLAN_LACKS", ["host: www.example.org"]),
  www("      every: 10s", "      every: 10m", "RATE_LIMIT_PERIOD", ["host: www.example.org"]),
  www("    mode: block", "    mode: log", "PLAN_LACKS_LOG", ["host: www.example.org"]),
  www("host: www.example.org", "host: www", "HOST_INVALID"),
];

/** The files with all of the faults. */
export function filesWith(faults: readonly Fault[]): { readonly path: string; readonly text: string }[] {
  return Object.entries(SOUND).map(([path, sound]) => ({
    path,
    text: faults
      .filter(({ file }) => file === path)
      .reduce((text, { line, becomes }) => text.replace(`${line}\n`, () => `${becomes}\n`), sound),
  }));
}
