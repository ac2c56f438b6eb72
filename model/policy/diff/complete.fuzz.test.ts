import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../../edge/language/testing/runs.ts";
import { assumedRingStates } from "../../compile/compile.ts";
import { enterprise } from "../../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../../definition/load.ts";
import { evaluate } from "../evaluate.ts";
import { stretchesOf } from "../policy.ts";
import { diffPolicies } from "./diff.ts";
import { type Side, sideOf } from "./things.ts";

/*
 * What the requests that are derived from two policies show, against every request of a small world: where one of
 * those opens or closes, so does one of the derived ones.
 */
const SEGMENTS = ["a", "b", "1"];
const PATHS = [
  "/",
  ...[1, 2, 3].flatMap((length) =>
    Array.from({ length }).reduce<string[]>(
      (paths) => paths.flatMap((path) => SEGMENTS.map((segment) => `${path}/${segment}`)),
      [""],
    ),
  ),
];
const METHODS = ["GET", "POST", "PUT"];
const HOLDINGS = [
  {},
  ...[{}, { scope: "read" }, { scope: "write" }, { scope: "read write" }].flatMap((scopes) =>
    [{}, { role: "a" }, { role: "b" }].map((roles) => ({ tokens: { shop: { ...scopes, ...roles } } })),
  ),
];

const rule = fc.record({
  path: fc.constantFrom("/*", "/", "/a", "/a/*", "/{x}", "/a/{x}", "/{x}/b", "/{x}/b/*", "/a/b", "/*/*"),
  method: fc.constantFrom(undefined, undefined, "GET", "POST"),
  require: fc.constantFrom<unknown>(
    "none",
    {},
    { scope: "read" },
    { scope: "write" },
    { scope: ["read", "write"] },
    { claims: { role: ["a", "b"] } },
    { claims: { role: "b" } },
    { scope: { any: ["read", "write"] } },
    { any: [{ scope: ["read", "write"] }, { claims: { role: "b" } }] },
    { all: [{ any: [{ scope: "read" }, { claims: { role: "a" } }] }, { claims: { role: ["a", "b"] } }] },
  ),
  mode: fc.constantFrom("block", "block", "block", "challenge", "log", "off"),
});
const rules = fc.uniqueArray(rule, {
  minLength: 1,
  maxLength: 5,
  selector: ({ path, method }) => `${path.replace("/*/*", "/{x}/*")} ${method}`,
});
const host = fc.record({ rules, otherwise: fc.constantFrom("allow", "deny") });
type Host = typeof host extends fc.Arbitrary<infer H> ? H : never;
/** Two hosts, most often with one rule less on one side, or with one that asks otherwise: what is easily missed. */
const pair = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(host, host) },
  {
    weight: 3,
    arbitrary: fc.tuple(host, fc.nat(4), rule).map(([drawn, place, other]): [Host, Host] => {
      const at = place % drawn.rules.length;
      const { path, method } = drawn.rules[at] ?? other;
      return [drawn, { ...drawn, rules: drawn.rules.with(at, { ...other, path, method }) }];
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(host, fc.nat(4))
      .map(([drawn, place]): [Host, Host] => [
        { ...drawn, rules: drawn.rules.toSpliced(place % drawn.rules.length, 1) },
        drawn,
      ]),
  },
);

test("no request opens or closes unless the comparison says that some do", () => {
  const tally = new Tally();
  const settings = fuzzSettings(1 / 20);
  fc.assert(
    fc.property(pair, ([first, second]) => {
      const [before, after] = [readSide(first), readSide(second)];
      const { verdicts } = diffPolicies(before, after);
      const said = [...new Set(verdicts.map(({ outcome }) => outcome))];
      const seen = new Set<string>();
      for (const path of PATHS)
        for (const method of METHODS)
          for (const holdings of HOLDINGS) {
            const request = { host: "api.example.com", method, path, ...holdings };
            const refused = ({ policies: [policy] }: Side) =>
              policy !== undefined && evaluate(policy, request).refusals.length > 0;
            if (refused(before) !== refused(after)) seen.add(refused(before) ? "opens" : "closes");
          }
      tally.case();
      tally.count([...seen].sort().join(" and ") || "neither");
      for (const outcome of ["opens", "closes"])
        expect([outcome, said.includes(outcome as never)]).toEqual([outcome, seen.has(outcome)]);
    }),
    settings,
  );
  tally.print("requests that open or close", settings);
  for (const kind of ["opens", "closes", "closes and opens", "neither"])
    expect([kind, tally.share(kind) > 0.005]).toEqual([kind, true]);
});

function readSide({ rules: drawn, otherwise }: Host): Side {
  const file = {
    keys: {
      shop: {
        algorithm: "ES256",
        tokens: { issuer: "shop", audience: "api", lifetime: "15m" },
        rotation: { every: "90d" },
      },
    },
    host: "api.example.com",
    tokens: [{ ring: "shop", in: ["header authorization"] }],
    rules: drawn.map(({ path, method, require, mode }, index) => ({
      id: `rule-${index}`,
      match: { path, method },
      require,
      mode,
    })),
    otherwise,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const hosts = stretchesOf(definitions, enterprise, assumedRingStates(definitions));
  return sideOf(definitions.rings, hosts, []);
}
