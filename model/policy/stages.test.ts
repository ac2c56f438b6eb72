import { expect, test } from "vitest";
import { assumedRingStates } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { parseInstant } from "../facts/instants.ts";
import { evaluate } from "./evaluate.ts";
import { policiesOf, stretchesOf } from "./policy.ts";

const RINGS = ["shop", "staff"]
  .map(
    (name) =>
      `  ${name}: { algorithm: ES256, tokens: { issuer: "https://${name}.example.com/", audience: api, lifetime: 15m }, rotation: { every: 90d } }\n`,
  )
  .join("");
const FILE = `keys:\n${RINGS}host: api.example.com
tokens: [{ ring: shop, in: [header authorization] }, { ring: staff, in: [header x-staff] }]
otherwise: deny
rules:
  - { id: all, match: { path: /orders/* }, require: {} }
  - { id: staged, match: { path: /orders/staff }, require: { ring: staff }, mode: { first: log, challenge: 2026-12-01T00:00:00Z, block: 2027-01-01T00:00:00Z } }
  - { id: new, match: { path: /new }, require: {}, mode: { first: off, block: 2027-01-01T00:00:00Z } }
`;
const { definitions } = loadDefinitions([{ path: "api.yaml", text: FILE }], enterprise);

function said(at: string, path: string, tokens: readonly string[], environment: Environment = enterprise) {
  const seconds = parseInstant(at) ?? Number.NaN;
  const [policy] = policiesOf(definitions, environment, assumedRingStates(definitions), seconds);
  if (policy === undefined) throw new Error("no policy");
  const verdict = evaluate(policy, {
    host: "api.example.com",
    method: "GET",
    path,
    tokens: Object.fromEntries(tokens.map((ring) => [ring, {}])),
  });
  return verdict.refusals.map(({ status, by }) => `${status} ${by}`).join(", ") || "passes";
}

test.each([
  ["while it logs, the broader rule holds", "2026-11-30T23:59:59Z", "/orders/staff", ["staff"], "401 all"],
  ["while it logs, it refuses nothing", "2026-11-30T23:59:59Z", "/orders/staff", ["shop"], "passes"],
  [
    "while it challenges, it takes nothing from what blocks",
    "2026-12-01T00:00:00Z",
    "/orders/staff",
    [],
    "403 staged, 401 all",
  ],
  ["while it challenges", "2026-12-31T23:59:59Z", "/orders/staff", ["shop"], "403 staged"],
  [
    "from the second on at which it blocks it decides alone",
    "2027-01-01T00:00:00Z",
    "/orders/staff",
    ["staff"],
    "passes",
  ],
  ["and asks for its own", "2027-01-01T00:00:00Z", "/orders/staff", ["shop"], "401 staged"],
  ["what is off lists nothing", "2026-12-31T23:59:59Z", "/new", ["shop"], "404 otherwise"],
  ["until it is on", "2027-01-01T00:00:00Z", "/new", ["shop"], "passes"],
  ["and refuses then", "2027-01-01T00:00:00Z", "/new", [], "401 new"],
])("%s", (_name, at, path, tokens, expected) => {
  expect(said(at, path, tokens)).toBe(expected);
});

test("an environment softens each stage", () => {
  const logging: Environment = { ...enterprise, mode: "challenge" };
  expect(said("2027-06-01T00:00:00Z", "/orders/staff", [], logging)).toBe("403 staged");
});

test("one stretch for each time in which nothing changes", () => {
  const [stretches = []] = stretchesOf(definitions, enterprise, assumedRingStates(definitions));
  const [first, second] = ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"].map(parseInstant);
  expect(
    stretches.map(({ during, policy }) => [
      during,
      policy.decisions.map(({ rule, mode }) => `${rule.id} ${mode}`).join(", "),
    ]),
  ).toEqual([
    [{ until: first }, "staged log, all block"],
    [{ from: first, until: second }, "staged challenge, all block"],
    [{ from: second }, "staged block, all block, new block"],
  ]);
});
