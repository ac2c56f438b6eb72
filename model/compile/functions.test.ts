import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, parseValue } from "../../edge/language/index.ts";
import { loadDefinitions } from "../definition/load.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { withStandIns } from "../facts/placeholders.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise, exampleFiles } from "./testing/exampleRules.ts";
import { compileFolder } from "./testing/goldenCase.ts";
import type { DesiredState } from "./types.ts";

/*
 * Where Cloudflare has a function, as its own functions page says (developers.cloudflare.com: ruleset-engine/
 * rules-language/functions, autumn 2026). A rule that uses one elsewhere is refused, and with it the whole deploy.
 */

const EVERYWHERE = [
  "all",
  "any",
  "cidr",
  "cidr6",
  "concat",
  "decode_base64",
  "ends_with",
  "has_key",
  "has_value",
  "len",
  "lookup_json_integer",
  "lookup_json_string",
  "lower",
  "remove_bytes",
  "starts_with",
  "substring",
  "upper",
  "url_decode",
];
const CUSTOM_RULES = new Set([...EVERYWHERE, "is_timed_hmac_valid_v0", "join"]);
const RATE_LIMITS = new Set(EVERYWHERE);

function functionsIn(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const own = "kind" in part && part.kind === "call" && "name" in part ? [String(part.name)] : [];
  return [...own, ...Object.values(part).flatMap(functionsIn)];
}

/** Functions that stand where Cloudflare does not have them, and all that are used. */
function judged(desired: DesiredState): { misplaced: string[]; used: string[] } {
  const calls = desired.zones.flatMap((zone) => [
    ...zone.rules[CUSTOM_PHASE].flatMap((rule) =>
      functionsIn(parse(withStandIns(rule.expression))).map((name) => ({ name, allowed: CUSTOM_RULES })),
    ),
    ...zone.rules[RATE_LIMIT_PHASE].flatMap((rule) =>
      [
        parse(withStandIns(rule.expression)),
        ...(rule.ratelimit?.characteristics ?? []).map((each) => parseValue(withStandIns(each))),
      ]
        .flatMap(functionsIn)
        .map((name) => ({ name, allowed: RATE_LIMITS })),
    ),
  ]);
  return {
    misplaced: calls.filter(({ name, allowed }) => !allowed.has(name)).map(({ name }) => name),
    used: calls.map(({ name }) => name),
  };
}

test("neither a golden case nor the example needs a function that its phase does not have", () => {
  const folder = fileURLToPath(new URL("./cases/", import.meta.url));
  const { definitions } = loadDefinitions(exampleFiles(), enterprise);
  const states = [
    ...readdirSync(folder).map((name) => compileFolder(`${folder}${name}`)),
    compile(definitions, enterprise, assumedRingStates(definitions)),
  ];
  const found = states.map(judged);
  expect(found.flatMap((each) => each.misplaced)).toEqual([]);
  expect(new Set(found.flatMap((each) => each.used)).size).toBeGreaterThan(5);
});

const path = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "{x}", "Some.thing"), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([parts, rest]) => `/${parts.join("/")}${rest ? "/*" : ""}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const requirement = fc.oneof(
  fc.record({
    scope: optional(fc.constantFrom<string | string[]>("read", ["read", "write"])),
    claims: optional(
      fc.constantFrom<object>(
        { role: ["admin", "owner"] },
        { level: 3 },
        { "https://example.com/team": "a" },
        { groups: { has: ["ops"], length: 3 } },
      ),
    ),
  }),
  fc.constant({ link: "files" }),
);
const rateLimit = fc.record({
  per: fc.constantFrom("ip", "header x-client"),
  requests: fc.constant(5),
  every: fc.constant("1m"),
});
const drawn = fc.record({
  rules: fc.array(
    fc.record({
      method: optional(fc.constantFrom("GET", "POST")),
      path,
      requirement,
      rateLimit: optional(rateLimit),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  scope: optional(fc.constant({ claim: "scp", as: "array", length: 4 })),
  exceptions: fc.array(path, { maxLength: 2 }),
  otherwise: fc.constantFrom("allow", "deny"),
  // So little room that buckets are split, and with them what otherwise denies.
  room: fc.constantFrom(1500, 4096),
});

test("no definitions need a function that the phase of their rules does not have", () => {
  fc.assert(
    fc.property(drawn, ({ rules, scope, exceptions, otherwise, room }) => {
      const file = {
        keys: {
          shop: {
            algorithm: "ES256",
            tokens: {
              issuer: "issuer",
              audience: "api",
              lifetime: "15m",
              ...(scope === undefined ? {} : { scope }),
            },
            rotation: { every: "90d" },
          },
          files: { hmac: { parameter: "verify", lifetime: "1h" }, rotation: { every: "90d" } },
        },
        host: "api.example.com",
        tokens: { ring: "shop", in: ["header authorization", "cookie session"] },
        rules: rules.map(({ method, path, requirement, rateLimit }, index) => ({
          id: `rule-${index}`,
          match: { path, method },
          require: requirement,
          rateLimit,
        })),
        except: exceptions.map((path, index) => ({ id: `exception-${index}`, match: { path } })),
        otherwise,
      };
      const environment = {
        ...enterprise,
        zones: enterprise.zones.map((zone) => ({ ...zone, limits: { expressionLength: room } })),
      };
      const { definitions, problems } = loadDefinitions(
        [{ path: "a.yaml", text: JSON.stringify(file) }],
        environment,
      );
      expect(problems.filter((each) => each.severity === "error")).toEqual([]);
      const desired = compile(definitions, environment, assumedRingStates(definitions));
      expect(judged(desired).misplaced).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
