import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { CUSTOM_PHASE, PHASES, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { compiled } from "./compiled.ts";

const ZONE = {
  id: "0".repeat(32),
  name: "example.com",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
} as const;
const ENVIRONMENT: Environment = { stack: "dev", zones: [ZONE] };

const TEXT = `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - id: orders
    match: { path: /orders/* }
    require: { scope: orders }
    rateLimit: { per: token sub, requests: 100, every: 1m }
`;

function digests(text: string, environment = ENVIRONMENT) {
  const { definitions, problems } = loadDefinitions([{ path: "rules/api.yaml", text }], environment);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return compiled(definitions, environment);
}

/** The names of the digests that differ. */
function changed(text: string, environment = ENVIRONMENT): string[] {
  const [a, b] = [digests(TEXT), digests(text, environment)];
  const [before, after] = [a.zones[ZONE.id], b.zones[ZONE.id]];
  return [
    ...(a.whole === b.whole ? [] : ["whole"]),
    ...PHASES.filter((phase) => before?.[phase] !== after?.[phase]),
  ];
}

test.each([
  ["a comment, which moves rules to other lines", TEXT.replace("rules:", "# ours\nrules:"), []],
  ["a rotation schedule", TEXT.replace("30d", "60d"), []],
  ["a path", TEXT.replace("/orders/*", "/sales/*"), ["whole", ...PHASES]],
  ["a scope", TEXT.replace("scope: orders", "scope: sales"), ["whole", CUSTOM_PHASE]],
  ["a limit", TEXT.replace("requests: 100", "requests: 99"), ["whole", RATE_LIMIT_PHASE]],
  ["a rule's mode", `${TEXT}    mode: log\n`, ["whole", ...PHASES]],
  ["where tokens stand", TEXT.replace("[header authorization]", "[header x-token]"), ["whole", CUSTOM_PHASE]],
])("%s changes the digests of what it is compiled to", (_label, text, expected) => {
  expect(changed(text)).toEqual(expected);
});

test("the environment's mode changes them too", () => {
  expect(changed(TEXT, { ...ENVIRONMENT, mode: "log" })).toEqual(["whole", ...PHASES]);
});
