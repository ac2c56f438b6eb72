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
import { evaluate, type PolicyRequest } from "../../model/policy/evaluate.ts";
import { narrowing } from "../../model/policy/narrow.ts";
import { policiesOf } from "../../model/policy/policy.ts";
import type { HostPolicy } from "../../model/policy/types.ts";

/*
 * The compiled rules, as the edge's language evaluates them, against what the policy wants: random hosts with random
 * rules, random requests in every spelling.
 */
const HOST = "api.example.com";
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
const token = fc.record({
  ring: fc.constantFrom("shop", "shop", "staff"),
  scope: fc.constantFrom<unknown>(undefined, undefined, "read", "write", ["read", "write"], {
    any: ["read", "write"],
  }),
  claims: fc.constantFrom(undefined, undefined, { role: "admin" }, { role: ["admin", "owner"] }),
});
/** Requirements in each other, over both rings of tokens and the one of links. */
const { tree } = fc.letrec<{ tree: unknown; list: unknown[] }>((tie) => ({
  list: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
  tree: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: token },
    { weight: 1, arbitrary: fc.constant({ link: "downloads" }) },
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
  { weight: 2, arbitrary: fc.constant({ require: "none" }) },
  { weight: 1, arbitrary: fc.constant({ require: { link: "downloads" } }) },
  { weight: 1, arbitrary: fc.constant({ rateLimit: { per: "ip", requests: 9, every: "1m" } }) },
  { weight: 1, arbitrary: fc.constant({ expression: 'http.request.uri.path contains "ab"' }) },
);
const rule = fc.record({
  match: fc.record({ path: pattern, method: optional(fc.constantFrom("GET", "POST", "DELETE", "PROPFIND")) }),
  says,
  mode: fc.constantFrom("off", "log", "challenge", "block", "block", "block"),
});
const host = fc.record({
  rules: fc.uniqueArray(rule, {
    minLength: 1,
    maxLength: 6,
    selector: ({ match }) => `${match.path} ${match.method}`,
  }),
  always: fc.array(
    rule.filter((each) => each.says.require !== "none"),
    { maxLength: 2 },
  ),
  except: fc.array(pattern, { maxLength: 1 }),
  otherwise: fc.constantFrom("allow", "deny"),
  preflight: fc.constantFrom("allow", "deny"),
  mode: fc.constantFrom("block", "block", "challenge", "log"),
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
const spelled = pathOf(letters, fc.constantFrom("", "", "", "/"));
const tricks = fc.constantFrom("a;b", "a%2fb", "..", "%2e", "a%zz", "é", "%25", "\\\\a", "%20");
const ambiguous = pathOf(fc.oneof(letters, tricks), fc.constantFrom("", "/", "//"));
const document = (iss: string) =>
  fc.record({
    iss: fc.constantFrom(iss, iss, iss, iss, "other"),
    aud: fc.constantFrom("api", "api", "api", ["x", "api"], "api2"),
    exp: fc.constantFrom<number | string | undefined>(NOW + 60, NOW + 60, NOW + 60, "soon", undefined),
    scope: fc.constantFrom(undefined, "read", "write", "read write", "readwrite", "unread read-all"),
    role: fc.constantFrom<string | string[] | undefined>(undefined, "admin", "owner", ["admin"]),
  });
const request = fc.record({
  method: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom("GET", "GET", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS") },
    { weight: 1, arbitrary: fc.constantFrom("BREW", "PROPFIND") },
  ),
  path: fc.oneof(
    { weight: 1, arbitrary: fc.constant("/") },
    { weight: 20, arbitrary: spelled },
    { weight: 2, arbitrary: ambiguous },
  ),
  shop: optional(document("shop")),
  staff: optional(document("staff")),
  link: fc.boolean(),
  host: often(HOST, "API.example.com", `${HOST}:8443`),
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
    [
      ["origin", "https://app.example.com"],
      ["access-control-request-method", "GET"],
    ],
  ),
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
      const { policy, desired } = found;
      const narrow = narrowing(policy);
      for (const each of requests) {
        const [seen, wanted] = [answer(desired, each), answers(policy, each)];
        const asked = askedBy(each);
        const verdicts = [policy, narrow(asked)].map((some) => JSON.stringify(evaluate(some, asked)));
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
  ])
    expect([kind, tally.share(kind) > 0.002]).toEqual([kind, true]);
});

/** The policy of a host and what comes of it; nothing where a requirement makes a longer expression than there may be. */
function read(
  drawn: typeof host extends fc.Arbitrary<infer H> ? H : never,
): { readonly policy: HostPolicy; readonly desired: DesiredState } | undefined {
  const ring = (issuer: string) => ({
    algorithm: "ES256",
    tokens: { issuer, audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  });
  const list = (name: string, rules: typeof drawn.rules) =>
    rules.map(({ match, says: said, mode }, index) => ({ id: `${name}-${index}`, match, ...said, mode }));
  const file = {
    keys: {
      shop: ring("shop"),
      staff: ring("staff"),
      downloads: {
        hmac: { parameter: "verify", lifetime: "1h", bind: ["path"] },
        rotation: { every: "90d" },
      },
    },
    host: HOST,
    tokens: [
      { ring: "shop", in: ["header authorization", "cookie session"] },
      { ring: "staff", in: ["header x-staff"] },
    ],
    rules: list("rule", drawn.rules),
    always: list("always", drawn.always),
    except: drawn.except.map((path, index) => ({ id: `except-${index}`, match: { path } })),
    otherwise: drawn.otherwise,
    cors: { preflight: drawn.preflight },
    mode: drawn.mode,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  const states = assumedRingStates(definitions);
  const desired = compile(definitions, enterprise, states);
  const errors = [...problems, ...desired.problems].filter(({ severity }) => severity === "error");
  if (errors.length > 0 && errors.every(({ code }) => code === "EXPRESSION_TOO_LONG")) return undefined;
  expect(errors).toEqual([]);
  const [policy] = policiesOf(definitions, enterprise, states);
  if (policy === undefined) throw new Error("no policy");
  return { policy, desired };
}

function sentBy({
  method,
  path,
  shop,
  staff,
  host: name,
  headers,
  normalization,
  ...drawn
}: Drawn): TestRequest {
  const [signed = "", query = ""] = drawn.link ? link(normalizePath(path, normalization)).split("?") : [];
  const full = query === "" ? "" : `?${query}`;
  return {
    method,
    host: name,
    path: `${path}${full}`,
    normalized: `${signed || normalizePath(path, normalization)}${full}`,
    headers,
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

function answers(
  policy: HostPolicy,
  drawn: Drawn,
): readonly { readonly status: number; readonly by: string }[] {
  const { refusals, conditional } = evaluate(policy, askedBy(drawn));
  const sent = sentBy(drawn);
  return [
    ...refusals,
    ...conditional.filter(({ expression }) => holds(expression, sent)).map(({ refusal }) => refusal),
  ];
}

function askedBy(drawn: Drawn): PolicyRequest {
  const { method, path, headers, host: name } = drawn;
  const isValid = (ring: "shop" | "staff") => {
    const claims = drawn[ring];
    return claims?.iss === ring && [claims.aud].flat().includes("api") && typeof claims.exp === "number";
  };
  const tokens = Object.fromEntries(
    (["shop", "staff"] as const).filter(isValid).map((ring) => [ring, drawn[ring] ?? {}]),
  );
  return { host: name, method, path, headers, tokens, links: drawn.link ? ["downloads"] : [] };
}
