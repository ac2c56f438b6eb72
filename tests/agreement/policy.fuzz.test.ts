import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { normalizePath } from "../../edge/pipeline/normalizeUrl.ts";
import { assumedRingStates, compile } from "../../model/compile/compile.ts";
import { decidedBy } from "../../model/compile/decidedBy.ts";
import { enterprise } from "../../model/compile/testing/exampleRules.ts";
import { acting, holds, link, NOW, type TestRequest } from "../../model/compile/testing/verdict.ts";
import type { DesiredState } from "../../model/compile/types.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import { REASONS, type Reason } from "../../model/facts/answers.ts";
import { formatInstant } from "../../model/facts/instants.ts";
import { ACCEPTABLE } from "../../model/facts/pathTricks.ts";
import { RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import { ambiguityOf } from "../../model/policy/ambiguous.ts";
import { evaluate, type PolicyRequest } from "../../model/policy/evaluate.ts";
import { narrowing } from "../../model/policy/narrow.ts";
import { policyAt, policyFor, stretchesOf } from "../../model/policy/policy.ts";
import type { HostPolicy, Stretch } from "../../model/policy/types.ts";

/*
 * The compiled rules, as the edge's language evaluates them, against what the policy wants: random hosts with random
 * rules, random requests in every spelling.
 */
const HOST = "api.example.com";
const HOSTS = [
  [HOST],
  [HOST],
  [HOST, "beta.example.com"],
  ["*.example.com"],
  ["*.example.com", HOST],
  [HOST, "*.example.com", "*.eu.example.com"],
];
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const often = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const pattern = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        fc.array(fc.constantFrom("a", "b", "ab", "{x}", "a{x}", "{x}b", "{x}-{x}"), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.boolean(),
      )
      .map(([parts, rest]) => `/${parts.join("/")}${rest ? "/*" : ""}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("/*", "/") },
);
/** What a claim may have to be. */
const claimTest = fc.constantFrom<unknown>(
  "admin",
  ["admin", "owner"],
  5,
  [5, -1],
  "é",
  'say "hi"\\',
  { has: "admin", length: 2 },
  { has: ["admin", "owner"], length: 2, orAlone: true },
  { has: 5, length: 3 },
  { not: "admin" },
  { not: ["admin", "owner"] },
  { not: 5 },
  { not: [5, 6] },
  { present: true },
  { present: "text" },
  { present: "integer" },
  { atLeast: 5 },
  { atMost: -1 },
  { atLeast: 0, atMost: 5, not: 5 },
  { startsWith: "ad" },
  { startsWith: "ad", endsWith: "min" },
  { endsWith: "r", not: ["owner", "user"] },
);
const claims = fc.dictionary(
  fc.constantFrom("role", "user.level", "user", "https://x.example/é", "jti"),
  claimTest,
  {
    maxKeys: 2,
  },
);
const token = fc.record({
  ring: fc.constantFrom("shop", "shop", "staff"),
  scope: fc.constantFrom<unknown>(undefined, undefined, "read", "write", ["read", "write"], {
    any: ["read", "write"],
  }),
  claims: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<unknown>(undefined, { role: ["admin", "owner"] }) },
    { weight: 3, arbitrary: claims },
    {
      weight: 1,
      arbitrary: fc.constantFrom({ aud: { has: "x" } }, { aud: "api" }, { sub: { has: ["u", "v"] } }),
    },
  ),
  token: fc.constantFrom(undefined, undefined, "required", "optional"),
  audience: fc.constantFrom<unknown>(undefined, undefined, undefined, "x", ["x", "api"]),
});
/** Requirements in each other, over both rings of tokens and the one of links. */
const { tree } = fc.letrec<{ tree: unknown; list: unknown[] }>((tie) => ({
  list: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
  tree: fc.oneof(
    { maxDepth: 2 },
    { weight: 6, arbitrary: token.map(({ token: _optional, ...more }) => more) },
    { weight: 1, arbitrary: token },
    {
      weight: 2,
      arbitrary: fc.constantFrom<unknown>(
        { link: "downloads" },
        { where: 'http.request.uri.path contains "b"' },
        { where: 'len(http.request.headers["x-k"]) > 0 or http.request.method eq "POST"' },
        { link: "downloads", where: "ssl", ring: undefined },
      ),
    },
    { weight: 2, arbitrary: tie("list").map((any) => ({ any })) },
    { weight: 1, arbitrary: tie("list").map((all) => ({ all })) },
    {
      weight: 1,
      arbitrary: fc.record({ ring: fc.constantFrom("shop", "staff"), any: tie("list") }),
    },
  ),
}));
const says: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 4, arbitrary: token.map((require) => ({ require })) },
  { weight: 4, arbitrary: tree.map((require) => ({ require })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom({ link: "downloads" }, { scope: "read", ring: "staff" }, { ring: "staff" })
      .map((more) => ({ require: { all: [{ ring: "shop" }, more] } })),
  },
  { weight: 2, arbitrary: fc.constant({ require: "none" }) },
  { weight: 1, arbitrary: fc.constant({ require: { link: "downloads" } }) },
  { weight: 1, arbitrary: fc.constant({ rateLimit: { per: "ip", requests: 9, every: "1m" } }) },
  { weight: 1, arbitrary: fc.constant({ expression: 'http.request.uri.path contains "ab"' }) },
);
/** How many of the file's hosts a match is for; none stands for all. */
const onHosts = fc.constantFrom<number | undefined>(undefined, undefined, undefined, 1, 2);
/** Statuses in place of the usual ones. */
const answersFor = (reasons: readonly Reason[]) =>
  fc.option(
    fc.dictionary(
      fc.constantFrom(...reasons),
      fc.record({ status: fc.constantFrom(401, 404, 410, 422), text: optional(fc.constant("No.")) }),
      { minKeys: 1 },
    ),
    { nil: undefined, freq: 3 },
  );
/** Instants at which modes change; requests come around them. */
const DATES = [NOW, NOW + 60, NOW + 120];
const stages = fc
  .record({
    modes: fc.subarray(["off", "log", "challenge", "block"] as const, { minLength: 2 }),
    dates: fc.subarray(DATES, { minLength: 3 }),
  })
  .map(({ modes: [first, ...later], dates }) => ({
    first,
    ...Object.fromEntries(later.map((mode, index) => [mode, formatInstant(dates[index] ?? 0)])),
  }));
const rule = fc.record({
  match: fc.record({
    path: fc.oneof(
      { weight: 3, arbitrary: pattern.map((path) => [path]) },
      { weight: 1, arbitrary: fc.array(pattern, { minLength: 2, maxLength: 4 }) },
    ),
    method: fc.constantFrom(undefined, undefined, ["GET"], ["POST"], ["DELETE", "GET"], ["PROPFIND"]),
    host: onHosts,
  }),
  says,
  answers: answersFor(["token", "claims", "link", "expression", "limit"]),
  mode: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("off", "log", "challenge", "block", "block", "block") },
    { weight: 1, arbitrary: stages },
  ),
});
/** Of two rules that match equally closely there can be one. */
function withoutTwins<T extends { match: { path: string[]; method: readonly string[] | undefined } }>(
  rules: T[],
): T[] {
  const seen = new Set<string>();
  return rules.flatMap((each) => {
    const keysOf = (path: string) => (each.match.method ?? ["any"]).map((method) => `${method} ${path}`);
    const path = each.match.path.filter((one) => keysOf(one).every((key) => !seen.has(key)));
    for (const key of path.flatMap(keysOf)) seen.add(key);
    return path.length === 0 ? [] : [{ ...each, match: { ...each.match, path } }];
  });
}
/** A rule with a folder of its own, which accepts some of what is ambiguous; another rule may share the folder. */
const accepting = fc.record({
  accepts: fc.subarray([...ACCEPTABLE], { minLength: 1 }),
  require: fc.constantFrom<unknown>("none", { link: "downloads" }, { scope: "read" }),
  mode: fc.constantFrom("log", "challenge", "block", "block"),
  shared: fc.constantFrom(undefined, undefined, undefined, "/o/{x}", "/o/*", "/*", "/o/ab/*", "/O"),
  besides: fc.constantFrom("rules", "always", "except"),
});
const host = fc.record({
  accepting,
  // Rings that have keys and none that is ACTIVE.
  waiting: fc.oneof(
    fc.constant<readonly string[]>([]),
    fc.subarray(["shop", "staff", "downloads"], { minLength: 1, maxLength: 2 }),
  ),
  hosts: fc.constantFrom(...HOSTS),
  rules: fc.array(rule, { minLength: 1, maxLength: 6 }).map(withoutTwins),
  always: fc.array(
    rule.filter((each) => each.says.require !== "none"),
    { maxLength: 2 },
  ),
  except: fc.array(fc.record({ path: fc.array(pattern, { minLength: 1, maxLength: 2 }), host: onHosts }), {
    maxLength: 1,
  }),
  otherwise: fc.constantFrom("allow", "deny"),
  preflight: fc.constantFrom("allow", "deny"),
  answers: answersFor(REASONS),
  mode: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("block", "block", "challenge", "log") },
    { weight: 1, arbitrary: stages },
  ),
});

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
const request = fc.record({
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
type Drawn = typeof request extends fc.Arbitrary<infer R> ? R : never;

const REQUESTS = 20;
const settings = fuzzSettings(1 / REQUESTS);

test("compiled rules answer what the policy wants, and the same rule decides", () => {
  const tally = new Tally();
  fc.assert(
    fc.property(host, fc.array(request, { minLength: REQUESTS, maxLength: REQUESTS }), (drawn, requests) => {
      const found = read(drawn);
      if (found === undefined) return tally.count("too long");
      const { hosts, desired } = found;
      const narrow = new Map(hosts.flat().map(({ policy }) => [policy, narrowing(policy)]));
      for (const each of requests) {
        const seen = answer(desired, each);
        const policies = hosts.map((stretches) => policyAt(stretches, each.at));
        const policy = policyFor(policies, each.host);
        const { wanted, counts } = answers(policies, each);
        const asked = askedBy(each);
        const near = policy && narrow.get(policy)?.(asked);
        const verdicts = [policy, near].map((some) => some && JSON.stringify(evaluate(some, asked)));
        expect(verdicts[1]).toBe(verdicts[0]);
        tally.case();
        tally.count(
          `${seen.status} ${seen.by.join() === "origin" ? "origin" : /^[a-z]+/.exec(seen.by[0] ?? "")?.[0]}`,
        );
        const right =
          wanted.length === 0
            ? seen.status === 200
            : seen.by.every((by) =>
                wanted.some((refusal) => refusal.status === seen.status && refusal.by === by),
              );
        if (!right || seen.by.length === 0) expect({ each, seen }).toEqual({ each, seen: wanted });
        // Where another spelling only logs, so do limits; they count a path as the zone's normalization writes it.
        const isClear = policy === undefined || ambiguityOf(policy, asked) === undefined;
        if (seen.status === 200 && isClear && (policy !== undefined || counts.length > 0))
          expect({ each, counts: counting(desired, each) }).toEqual({ each, counts });
        if (counts.length > 0) tally.count("counted");
        if (seen.status === 200 && /^\/o\/.*(%2f|\/\/)/i.test(each.path)) tally.count("accepted");
      }
    }),
    settings,
  );
  tally.print("answers of compiled rules", settings);
  // Each answer must have come up often, or the agreement would mean little.
  for (const kind of [
    "200 origin",
    "401 rule",
    "403 rule",
    "404 otherwise",
    "400 ambiguous",
    "401 always",
    "403 ambiguous",
    "counted",
    "accepted",
  ])
    expect([kind, tally.share(kind) > 0.002]).toEqual([kind, true]);
});

/** The answers that a rule can come to give. */
function possible(
  said: Readonly<Record<string, unknown>>,
  answers: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const text = JSON.stringify(said.require) ?? "";
  const can: Readonly<Record<string, boolean>> = {
    token: text === "{}" || /"(?:ring|scope|claims|audience|issuer)"/.test(text),
    link: text.includes('"link"'),
    expression: said.expression !== undefined,
    limit: said.rateLimit !== undefined,
  };
  return Object.fromEntries(
    Object.entries(answers).filter(([reason]) => can[reason === "claims" ? "token" : reason]),
  );
}

/** The policies of hosts and what comes of them; nothing where a requirement makes a longer expression than there may be. */
function read(
  drawn: typeof host extends fc.Arbitrary<infer H> ? H : never,
): { readonly hosts: readonly (readonly Stretch[])[]; readonly desired: DesiredState } | undefined {
  const ring = (issuer: string) => ({
    algorithm: "ES256",
    tokens: { issuer, audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  });
  const list = (name: string, rules: typeof drawn.rules) =>
    rules.map(({ match, says: said, mode, answers }, index) => ({
      id: `${name}-${index}`,
      match: narrowed(match),
      ...said,
      ...(answers === undefined ? {} : { answers: possible(said, answers) }),
      // What opens has no stages.
      mode: said.require === "none" && typeof mode === "object" ? "block" : mode,
    }));
  const narrowed = <T extends { readonly host: number | undefined }>(match: T) => ({
    ...match,
    host: match.host === undefined ? undefined : drawn.hosts.slice(0, match.host),
  });
  const { accepts, shared, besides } = drawn.accepting;
  const require = drawn.accepting.require as string | Record<string, unknown>;
  // Which of two tokens counts, nobody knows.
  const taken = accepts.filter(
    (kind) => kind !== "second-token" || typeof require === "string" || "link" in require,
  );
  const sharing = (list: string) =>
    shared === undefined || list !== besides || (list === "rules" && ["/*", "/o/*"].includes(shared))
      ? []
      : [{ id: `${list}-sharing`, match: { path: shared }, require: { ring: "staff" } }];
  const file = {
    keys: {
      shop: ring("shop"),
      staff: ring("staff"),
      downloads: {
        hmac: { parameter: "verify", lifetime: "1h", bind: ["path"] },
        rotation: { every: "90d" },
      },
    },
    host: drawn.hosts,
    tokens: [
      { ring: "shop", in: ["header authorization", "cookie session"] },
      { ring: "staff", in: ["header x-staff"] },
    ],
    rules: [
      ...list("rule", drawn.rules),
      {
        id: "rule-accepts",
        match: { path: "/o/*" },
        require,
        mode: drawn.accepting.mode,
        ...(taken.length === 0 ? {} : { accepts: taken }),
      },
      ...sharing("rules"),
    ],
    always: [...list("always", drawn.always), ...sharing("always")],
    except: drawn.except.map((match, index) => ({ id: `except-${index}`, match: narrowed(match) })),
    otherwise: drawn.otherwise,
    cors: { preflight: drawn.preflight },
    mode: drawn.mode,
    answers: drawn.answers,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  const states = Object.fromEntries(
    Object.entries(assumedRingStates(definitions)).map(([id, state]) => [
      id,
      drawn.waiting.includes(id) ? { ...state, active: false, everBlocked: false } : state,
    ]),
  );
  const desired = compile(definitions, enterprise, states);
  const errors = [...problems, ...desired.problems].filter(
    ({ severity, code }) => severity === "error" && code !== "ACCEPTS_INVALID",
  );
  // What is only found to be shared is not accepted, which the requests show.
  expect(problems.filter(({ code }) => code === "ACCEPTS_INVALID")).toEqual([]);
  if (errors.length > 0 && errors.every(({ code }) => UNFIT.includes(code))) return undefined;
  expect(errors).toEqual([]);
  return { hosts: stretchesOf(definitions, enterprise, states), desired };
}

/** What a drawn requirement may come to that is refused with a reason, and has no rules. */
const UNFIT: readonly string[] = ["EXPRESSION_TOO_LONG", "TOKEN_OPTIONAL_IN_CHOICE"];

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

function sentBy(drawn: Drawn): TestRequest {
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

function answer(
  desired: DesiredState,
  drawn: Drawn,
): { readonly status: number; readonly by: readonly string[] } {
  const sent = sentBy(drawn);
  const rule = acting(desired, sent).find((each) => each.action !== "log");
  if (rule === undefined) return { status: 200, by: ["origin"] };
  const status = rule.action === "block" ? (rule.action_parameters?.response.status_code ?? 0) : 403;
  return { status, by: decidedBy(desired, rule.ref, (expression) => holds(expression, sent)) };
}

/** Ids of the rules whose limits count a request. */
function counting(desired: DesiredState, drawn: Drawn): readonly string[] {
  const sent = sentBy(drawn);
  const limits = desired.zones.flatMap((zone) => zone.rules[RATE_LIMIT_PHASE]);
  return limits
    .filter(({ expression }) => holds(expression, sent))
    .flatMap(({ branches }) => branches.map(({ ruleId }) => ruleId));
}

interface Wanted {
  readonly wanted: readonly { readonly status: number; readonly by: string }[];
  readonly counts: readonly string[];
}

/** What any of the hosts wants: a name in another spelling may be that of several. */
function answers(policies: readonly HostPolicy[], drawn: Drawn): Wanted {
  const sent = sentBy(drawn);
  const verdicts = policies.map((policy) => evaluate(policy, askedBy(drawn)));
  return {
    wanted: verdicts.flatMap(({ refusals, conditional }) => [
      ...refusals,
      ...conditional.filter(({ expression }) => holds(expression, sent)).map(({ refusal }) => refusal),
    ]),
    counts: verdicts.flatMap(({ counts }) => counts.map(({ rule: each }) => each.id)).sort(),
  };
}

function askedBy(drawn: Drawn): PolicyRequest {
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
