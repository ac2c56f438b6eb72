import fc from "fast-check";
import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { NOW, type TestRequest, verdict } from "./testing/verdict.ts";

/*
 * What rules mean, said a second time and without a single expression: plain loops over segments and claims. Random
 * rules are compiled, random requests are judged by the compiled expressions and by this, and both must agree.
 */

interface PlainRule {
  readonly id: string;
  readonly method?: string;
  readonly path: string;
  readonly scope?: string;
  readonly role?: string;
  readonly mode: "off" | "log" | "block";
}

interface PlainHost {
  readonly rules: readonly PlainRule[];
  readonly exceptions: readonly string[];
  readonly deny: boolean;
}

function covers(pattern: string, path: string, exact: boolean): boolean {
  const wanted = pattern.split("/").filter((part) => part !== "");
  const parts = (exact ? path : path.toLowerCase()).split("/").slice(1);
  if (!exact && parts.at(-1) === "") parts.pop();
  if (exact && parts.length === 1 && parts[0] === "") parts.pop();
  const rest = wanted.at(-1) === "*";
  if (rest) wanted.pop();
  if (parts.length < wanted.length || (!rest && parts.length > wanted.length)) return false;
  return wanted.every((part, index) =>
    new RegExp(`^${part.replaceAll("{x}", ".+")}$`).test(parts[index] ?? ""),
  );
}

function expected(host: PlainHost, request: TestRequest): string {
  const { method = "GET", path, claims } = request;
  if (host.exceptions.some((pattern) => covers(pattern, path, true))) return "passes";
  const matching = host.rules.filter(
    (rule) =>
      rule.mode !== "off" &&
      covers(rule.path, path, false) &&
      (rule.method === undefined || rule.method === method || (rule.method === "GET" && method === "HEAD")),
  );
  const token = claims?.ring as Record<string, unknown> | undefined;
  const valid = token?.iss === "issuer" && token.aud === "api" && typeof token.exp === "number";
  const blocking = matching.filter((rule) => rule.mode === "block");
  if (blocking.length > 0 && !valid) return "401";
  const refused = blocking.some((rule) => {
    const scopes = String(token?.scope ?? "").split(" ");
    return (
      (rule.scope !== undefined && !scopes.includes(rule.scope)) ||
      (rule.role !== undefined && token?.role !== rule.role)
    );
  });
  if (refused) return "403";
  return host.deny && matching.length === 0 ? "404" : "passes";
}

const segment = fc.constantFrom("a", "b", "ab", "{x}", "a{x}", "{x}b", "{x}-{x}");
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([parts, rest]) => `/${parts.join("/")}${rest ? "/*" : ""}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const rule = fc.record({
  method: optional(fc.constantFrom("GET", "POST", "DELETE")),
  path: fc.oneof({ weight: 9, arbitrary: pattern }, { weight: 1, arbitrary: fc.constant("/*") }),
  scope: optional(fc.constantFrom("read", "write")),
  role: optional(fc.constantFrom("admin", "owner")),
  mode: fc.constantFrom("off", "log", "block", "block"),
});
const host = fc.record({
  rules: fc.array(rule, { minLength: 1, maxLength: 5 }),
  exceptions: fc.array(pattern, { maxLength: 2 }),
  deny: fc.boolean(),
});
const request = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "DELETE", "PATCH"),
  path: fc
    .tuple(
      fc.array(fc.constantFrom("a", "b", "ab", "A", "x", "AB", "aab", "x-", "x-ab", "xb"), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
    )
    .map(([parts, slash]) => `/${parts.join("/")}${slash ? "/" : ""}`),
  claims: optional(
    fc.record({
      iss: fc.constantFrom("issuer", "issuer", "issuer", "other"),
      aud: fc.constantFrom("api", "api", "api", "api2"),
      exp: fc.constantFrom<number | string | undefined>(NOW + 60, NOW + 60, NOW + 60, "soon", undefined),
      scope: optional(fc.constantFrom("read", "write", "read write", "readwrite", "unread read-all")),
      role: optional(fc.constantFrom("admin", "owner", "administrator")),
    }),
  ),
});

test("compiled rules refuse what the plain reading of the definitions refuses, and nothing else", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(host, fc.array(request, { minLength: 10, maxLength: 10 }), (drawn, requests) => {
      const plain: PlainHost = {
        rules: drawn.rules.map((each, index) => ({ ...each, id: `rule-${index}` }) as PlainRule),
        exceptions: drawn.exceptions,
        deny: drawn.deny,
      };
      const { definitions, problems } = loadDefinitions(
        [{ path: "a.yaml", text: textOf(plain) }],
        enterprise,
      );
      expect(problems.filter((each) => each.severity === "error")).toEqual([]);
      const desired = compile(definitions, enterprise, assumedRingStates(definitions));
      expect(desired.problems).toEqual([]);
      for (const { claims, ...rest } of requests) {
        const asked: TestRequest = { ...rest, ...(claims === undefined ? {} : { claims: { ring: claims } }) };
        const [status = ""] = verdict(desired, asked).split(" ");
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect([asked, status]).toEqual([asked, expected(plain, asked)]);
      }
    }),
    { numRuns: 200 },
  );
  // Each answer must have come up often, or the agreement would mean little.
  for (const status of ["401", "403", "404", "passes"]) expect(seen.get(status) ?? 0).toBeGreaterThan(30);
});

function textOf(plain: PlainHost): string {
  return JSON.stringify({
    keys: {
      ring: {
        algorithm: "ES256",
        tokens: { issuer: "issuer", audience: "api", lifetime: "15m" },
        rotation: { every: "90d" },
      },
    },
    host: "api.example.com",
    tokens: { ring: "ring", in: ["header authorization"] },
    rules: plain.rules.map(({ id, method, path, scope, role, mode }) => ({
      id,
      match: { path, method },
      require: { scope, claims: role === undefined ? undefined : { role } },
      mode,
    })),
    except: plain.exceptions.map((path, index) => ({ id: `exception-${index}`, match: { path } })),
    otherwise: plain.deny ? "deny" : "allow",
  });
}
