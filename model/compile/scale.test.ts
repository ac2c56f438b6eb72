import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { realLength } from "../facts/placeholders.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { verdict } from "./testing/verdict.ts";
import type { DesiredState } from "./types.ts";

function compiled(ids: readonly number[], otherwise = "allow"): DesiredState {
  const rules = ids.map((id) => ({
    id: `endpoint-${id}`,
    match: { method: "GET", path: `/service-${id % 40}/resource-${id}/*` },
    require: { scope: `scope-${id}` },
  }));
  const file = {
    keys: {
      ring: {
        algorithm: "ES256",
        tokens: { issuer: "issuer", audience: "api", lifetime: "15m" },
        rotation: { every: "90d" },
      },
    },
    host: "api.example.com",
    tokens: { ring: "ring", in: ["header authorization"] },
    rules,
    otherwise,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  expect(problems).toEqual([]);
  const desired = compile(definitions, enterprise, assumedRingStates(definitions));
  expect(desired.problems).toEqual([]);
  return desired;
}

const numbers = Array.from({ length: 300 }, (_, index) => index);

function rulesOf(desired: DesiredState): Map<string, string> {
  return new Map(
    desired.zones.flatMap((zone) => zone.rules[CUSTOM_PHASE].map((rule) => [rule.ref, rule.expression])),
  );
}

test("300 endpoints fit few rules, each within the limit", () => {
  const rules = [...rulesOf(compiled(numbers, "deny")).values()];
  expect(rules.length).toBeLessThan(55);
  for (const expression of rules) expect(realLength(expression)).toBeLessThanOrEqual(4096);
});

test("one more endpoint changes the 401 rule and the 403 rule of its bucket, or splits a full one", () => {
  let splits = 0;
  for (const added of [300, 301, 302, 303]) {
    const before = rulesOf(compiled(numbers));
    const after = rulesOf(compiled([...numbers, added]));
    const changed = [...after]
      .filter(([ref, expression]) => before.get(ref) !== expression)
      .map(([ref]) => ref);
    const gone = [...before.keys()].filter((ref) => !after.has(ref));
    splits += gone.length;
    expect(changed.length).toBe(2 + gone.length);
  }
  expect(splits).toBeLessThan(4);
});

test("no place in a file and no neighbour changes a ref", () => {
  expect(rulesOf(compiled([...numbers].reverse()))).toEqual(rulesOf(compiled(numbers)));
});

test("what is not listed is refused, and what is listed is guarded, in however many rules", () => {
  const desired = compiled(numbers, "deny");
  const parts = [...rulesOf(desired).keys()].filter((ref) => ref.includes("/otherwise/"));
  expect(parts.length).toBeGreaterThan(2);
  const answer = (path: string, method = "GET") => verdict(desired, { path, method }).split(" ")[0];
  for (const id of [0, 7, 39, 40, 155, 299]) {
    expect(answer(`/service-${id % 40}/resource-${id}/x`)).toBe("401");
    expect(answer(`/SERVICE-${id % 40}/resource-${id}`)).toBe("401");
    expect(answer(`/service-${id % 40}/resource-${id}/x`, "POST")).toBe("404");
    expect(answer(`/service-${id % 40}`)).toBe("404");
    expect(answer(`/service-${(id + 1) % 40}/resource-${id}`)).toBe("404");
  }
  expect(answer("/")).toBe("404");
  expect(answer("/service-40/resource-0")).toBe("404");
});

test("a rotation moves no endpoint to another rule, however full the rules are", () => {
  const refsWith = (count: number, keys: number) => {
    const file = {
      keys: { files: { hmac: { parameter: "verify", lifetime: "1h" }, rotation: { every: "90d" } } },
      host: "files.example.com",
      rules: Array.from({ length: count }, (_, id) => ({
        id: `folder-${id}`,
        match: { path: `/folder-${id}/*` },
        require: { link: "files" },
      })),
    };
    const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], enterprise);
    const state = {
      active: true,
      everBlocked: true,
      keys: Array.from({ length: keys }, (_, index) => ({ name: `k${keys - index}` })),
    };
    const desired = compile(definitions, enterprise, { files: state });
    expect(desired.problems).toEqual([]);
    return [...rulesOf(desired).keys()];
  };
  for (let count = 42; count <= 50; count += 1) {
    expect(refsWith(count, 1)).toEqual(refsWith(count, 3));
    expect(refsWith(count, 2)).toEqual(refsWith(count, 3));
  }
});
