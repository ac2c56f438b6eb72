import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { evaluate } from "../policy/evaluate.ts";
import { policiesOf, policyFor } from "../policy/policy.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { NOW, storefront, verdict } from "./testing/verdict.ts";

const KEYS = `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
`;
const TENANTS = `host: "*.example.com"
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: tenants, match: { path: /a }, require: {} }
`;

function read(...files: string[]) {
  const { definitions, problems } = loadDefinitions(
    [KEYS, ...files].map((text, index) => ({ path: `${index}.yaml`, text })),
    enterprise,
  );
  expect(problems).toEqual([]);
  const states = assumedRingStates(definitions);
  return {
    definitions,
    desired: compile(definitions, enterprise, states),
    policies: policiesOf(definitions, enterprise, states, NOW),
  };
}

describe("a wildcard host", () => {
  const { desired, policies } = read(
    TENANTS,
    "host: open.example.com\nrules: [{ id: open, match: { path: /* }, require: none }]\n",
    'host: "*.eu.example.com"\notherwise: deny\n',
  );
  test.each([
    ["x.example.com", "401 *.example.com/401/shop/block/all"],
    ["x.y.example.com", "401 *.example.com/401/shop/block/all"],
    // A name that is none, and one that hides another host's name in itself.
    [".example.com", "401 *.example.com/401/shop/block/all"],
    ["open.example.com.x.example.com", "401 *.example.com/401/shop/block/all"],
    ["eu.example.com", "401 *.example.com/401/shop/block/all"],
    // Another host has these, whole.
    ["open.example.com", "passes"],
    ["x.eu.example.com", "404 *.eu.example.com/otherwise"],
    ["example.com", "passes"],
    ["badexample.com", "passes"],
    // Other spellings are refused, whoever has the name.
    ["X.example.com", "400 *.example.com/ambiguous"],
    ["x.EXAMPLE.com", "400 *.example.com/ambiguous"],
    ["x.example.com:443", "400 *.example.com/ambiguous"],
    ["x.example.com.", "400 *.example.com/ambiguous"],
    ["x.example.com.:443", "400 *.example.com/ambiguous"],
    ["Open.example.com", "400 *.example.com/ambiguous"],
    ["open.example.com:443", "400 *.example.com/ambiguous"],
    ["X.eu.example.com", "400 *.eu.example.com/ambiguous"],
    ["x.example.com:8443.evil.example", "400 *.example.com/ambiguous"],
  ])("%s: %s", (host, expected) => {
    expect(verdict(desired, { host, path: "/a" })).toBe(expected);
    const wanted = policies.flatMap(
      (policy) => evaluate(policy, { host, method: "GET", path: "/a" }).refusals,
    );
    const [status] = expected.split(" ");
    expect(wanted.map((refusal) => String(refusal.status))).toEqual(
      status === "passes" ? [] : wanted.map(() => status),
    );
    expect(wanted.length > 0).toBe(status !== "passes");
  });

  test("a valid token passes on every name of it", () => {
    for (const host of ["x.example.com", "x.y.example.com"])
      expect(verdict(desired, { host, path: "/a", claims: { shop: storefront() } })).toBe("passes");
  });

  test("one policy is for each plain name", () => {
    const named = ["x.example.com", "open.example.com", "x.eu.example.com", "example.com"];
    expect(named.map((name) => policyFor(policies, name)?.host.host)).toEqual([
      "*.example.com",
      "open.example.com",
      "*.eu.example.com",
      undefined,
    ]);
  });

  test("its rings are proved on a name that exists, or else on one that is made up", () => {
    const canaries = (...files: string[]) =>
      read(...files).desired.zones[0]?.canaries.map(({ host }) => host);
    expect(canaries(TENANTS)).toEqual(["keyturn.example.com"]);
    expect(canaries(TENANTS, "host: keyturn.example.com\notherwise: deny\n")).toEqual([
      "keyturn-2.example.com",
    ]);
    expect(canaries(TENANTS.replace('"*.example.com"', '["*.example.com", api.example.com]'))).toEqual([
      "api.example.com",
    ]);
  });
});
