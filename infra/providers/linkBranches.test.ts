import { expect, test } from "vitest";
import { compileZones } from "../../model/compile/compile.ts";
import type { RingStates } from "../../model/compile/types.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import { CUSTOM_PHASE } from "../../model/facts/phases.ts";
import { exchangeKeys, withKeys } from "./linkBranches.ts";
import type { PhaseRule } from "./ruleText.ts";

const ENVIRONMENT = {
  stack: "dev",
  zones: [{ id: "0".repeat(32), name: "example.com", plan: "enterprise", addOns: ["api_shield"] }],
} as const;

const FILES = [
  {
    path: "rules/links.yaml",
    text: `keys:
  files: { hmac: { parameter: verify, lifetime: 3h, bind: [path] }, rotation: { every: 30d } }
  images: { hmac: { parameter: s, lifetime: 1h, bind: [path, query] }, rotation: { every: 30d } }
host: files.example.com
rules:
  - { id: files, match: { method: GET, path: /files/* }, require: { link: files } }
  - { id: more, match: { method: [GET, POST], path: /more/* }, require: { link: files } }
  - { id: images, match: { path: /images/* }, require: { link: images }, mode: log }
  - { id: all, match: { path: /all/* }, require: { link: images } }
`,
  },
];

const SETS = [["k1"], ["k2"], ["k2", "k1"], ["k3", "k2"], ["k3", "k2", "k1"], ["k10", "k9"]];

function compiled(files: readonly string[], images: readonly string[]): PhaseRule[] {
  const { definitions, problems } = loadDefinitions(FILES, ENVIRONMENT);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const state = (names: readonly string[]) => ({
    active: true,
    everBlocked: true,
    keys: names.map((name) => ({ name })),
  });
  const states: RingStates = { files: state(files), images: state(images) };
  return compileZones(definitions, ENVIRONMENT, states).flatMap(({ rules }) =>
    rules[CUSTOM_PHASE].map(({ ref, description, expression, action, enabled }) => ({
      ref,
      description,
      expression,
      action,
      enabled,
    })),
  );
}

test("rules with exchanged keys are those that are compiled for these keys, to the byte", () => {
  let links = 0;
  for (const before of SETS) {
    for (const after of SETS) {
      const found = exchangeKeys(compiled(before, ["k2", "k1"]), { files: after, images: before });
      const wanted = compiled(after, before);
      expect(found.map(({ ref, expression }) => [ref, expression])).toEqual(
        wanted.map(({ ref, expression }) => [ref, expression]),
      );
      links += found.filter(({ expression }) => expression.includes("${secret:")).length;
    }
  }
  // Two canaries and three rules, each time.
  expect(links).toBe(5 * SETS.length ** 2);
});

test("another ring's branches, and what merely looks like one inside a literal, stay", () => {
  const text = `http.host eq "a) \\\\" (b" and not (is_timed_hmac_valid_v0("\${secret:files/k1}", concat(x, ")("), 1) or y)`;
  expect(withKeys(text, "file", ["k2"])).toBe(text);
  expect(withKeys(text, "files", ["k2", "k1"])).toBe(
    text.replace(
      /is_timed\S+ concat\(x, "\)\("\), 1\)/,
      (call) => `(${call.replace("k1", "k2")} or ${call})`,
    ),
  );
});
