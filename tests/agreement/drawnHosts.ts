import fc from "fast-check";
import { NOW } from "../../model/compile/testing/verdict.ts";
import { REASONS, type Reason } from "../../model/facts/answers.ts";
import { formatInstant } from "../../model/facts/instants.ts";
import { ACCEPTABLE } from "../../model/facts/pathTricks.ts";

/* Random hosts with random rules. */

/** The host that most requests are for. */
export const HOST = "api.example.com";
const HOSTS = [
  [HOST],
  [HOST],
  [HOST, "beta.example.com"],
  ["*.example.com"],
  ["*.example.com", HOST],
  [HOST, "*.example.com", "*.eu.example.com"],
];
/** What may be left out. */
export const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Mostly the usual. */
export const often = <T>(usual: T, ...others: T[]) =>
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
export const DATES = [NOW, NOW + 60, NOW + 120];
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
/** Definitions of hosts, as what a test makes a file of. */
export const host = fc.record({
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
