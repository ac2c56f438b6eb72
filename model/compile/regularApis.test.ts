import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { PHASES } from "../facts/phases.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import type { DesiredState } from "./types.ts";

/*
 * What a team sees of its rules when it changes its definitions: there are few, nothing but what is said counts, and a
 * small change of definitions is a small change of rules.
 */

const roomy: Environment = {
  ...enterprise,
  zones: enterprise.zones.map((zone) => ({ ...zone, limits: { customRules: 10_000 } })),
};

interface Endpoint {
  readonly id: string;
  readonly match: { readonly method?: string; readonly path: string };
  readonly require: unknown;
}

/** The list, the single item and an action of a resource, each with a scope of its own as teams name them. */
function endpoint(id: number): Endpoint {
  const resource = `/v1/service-${Math.floor(id / 3) % 40}/resource-${Math.floor(id / 120)}`;
  return [
    { id: `list-${id}`, match: { method: "GET", path: resource }, require: { scope: `s${id % 50}:read` } },
    {
      id: `get-${id}`,
      match: { method: "GET", path: `${resource}/{id}` },
      require: { scope: `s${id % 50}:read` },
    },
    {
      id: `act-${id}`,
      match: { method: "POST", path: `${resource}/{id}/action` },
      require: { scope: `s${id % 50}:write` },
    },
  ][id % 3] as Endpoint;
}

const KEYS = {
  ring: {
    algorithm: "ES256",
    tokens: { issuer: "issuer", audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  },
};

interface File {
  readonly path: string;
  readonly host?: string;
  readonly rules?: readonly Endpoint[];
  readonly otherwise?: string;
  readonly keys?: typeof KEYS;
}

function compiled(files: readonly File[]): DesiredState {
  const texts = files.map(({ path, ...file }) => ({
    path,
    text: JSON.stringify(
      file.host === undefined ? file : { tokens: { ring: "ring", in: ["header authorization"] }, ...file },
    ),
  }));
  const { definitions, problems } = loadDefinitions(texts, roomy);
  const desired = compile(definitions, roomy, assumedRingStates(definitions));
  const errors = [...problems, ...desired.problems].filter(({ severity }) => severity === "error");
  expect(errors).toEqual([]);
  return desired;
}

/** What reaches Cloudflare: places in files do not. */
function rulesOf({ zones }: DesiredState): ReadonlyMap<string, string> {
  return new Map(
    zones.flatMap((zone) =>
      PHASES.flatMap((phase) =>
        zone.rules[phase].map(({ at: _at, branches: _branches, ...rule }): [string, string] => [
          rule.ref,
          JSON.stringify(rule),
        ]),
      ),
    ),
  );
}

const whole = (rules: readonly Endpoint[], otherwise: string): readonly File[] => [
  { path: "api.yaml", keys: KEYS, host: "api.example.com", rules, otherwise },
];

describe.each(["allow", "deny"])("otherwise: %s", (otherwise) => {
  test.each([300, 3000])("%i endpoints of a regular API take at most a tenth as many rules", (count) => {
    const rules = rulesOf(
      compiled(
        whole(
          Array.from({ length: count }, (_, id) => endpoint(id)),
          otherwise,
        ),
      ),
    );
    expect([count, rules.size <= count / 10 || rules.size]).toEqual([count, true]);
  });

  test("one more endpoint changes two rules, splits one that is full, and of what nothing lists one more", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000), { minLength: 2, maxLength: 400 }), ([added = 0, ...ids]) => {
        const before = rulesOf(compiled(whole(ids.map(endpoint), otherwise)));
        const after = rulesOf(compiled(whole([...ids, added].map(endpoint), otherwise)));
        const gone = [...before.keys()].filter((ref) => !after.has(ref));
        const changed = [...after].filter(([ref, text]) => before.get(ref) !== text);
        const most = otherwise === "deny" ? 3 : 2;
        expect([added, changed.length - gone.length <= most || changed.map(([ref]) => ref)]).toEqual([
          added,
          true,
        ]);
      }),
      { numRuns: 25 },
    );
  });
});

test("neither the order of files nor that of rules in them changes a letter of any rule", () => {
  const ids = Array.from({ length: 150 }, (_, id) => id);
  const files = (parts: readonly (readonly number[])[], order: readonly number[]): readonly File[] => {
    const all: readonly File[] = [
      { path: "keys.yaml", keys: KEYS },
      ...parts.map((part, index) => ({
        path: `api-${index}.yaml`,
        host: index % 3 === 2 ? "other.example.com" : "api.example.com",
        rules: part.map(endpoint),
      })),
    ];
    return order.map((each) => all[each]).filter((each) => each !== undefined);
  };
  const parts = [0, 1, 2, 3].map((part) => ids.filter((id) => id % 4 === part));
  const wanted = rulesOf(compiled(files(parts, [0, 1, 2, 3, 4])));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      fc.tuple(...parts.map((part) => fc.shuffledSubarray(part, { minLength: part.length }))),
      (order, shuffled) => {
        expect([...rulesOf(compiled(files(shuffled, order)))]).toEqual([...wanted]);
      },
    ),
    { numRuns: 30 },
  );
});
