import { assumedRingStates, compile } from "../../model/compile/compile.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Environment } from "../../model/definition/types.ts";
import { CUSTOM_PHASE } from "../../model/facts/phases.ts";

/*
 * Definitions to rules, checks included: endpoints below one prefix, each with a scope, with and without
 * `otherwise: deny`. What a run of `check` takes besides starting.
 */

const environment: Environment = {
  stack: "dev",
  zones: [
    {
      id: "0123456789abcdef0123456789abcdef",
      name: "example.com",
      plan: "enterprise",
      addOns: ["api_shield", "advanced_rate_limiting"],
      limits: { customRules: 10_000 },
    },
  ],
};

for (const count of [1000, 10_000]) {
  for (const otherwise of ["allow", "deny"]) {
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
      rules: Array.from({ length: count }, (_, id) => ({
        id: `endpoint-${id}`,
        match: { method: "GET", path: `/v1/service-${id % 40}/resource-${id}/{item}` },
        require: { scope: `scope-${id % 50}` },
      })),
      otherwise,
    };
    const text = JSON.stringify(file, null, 1);
    const started = performance.now();
    const { definitions, problems } = loadDefinitions([{ path: "a.yaml", text }], environment);
    const loaded = performance.now();
    const desired = compile(definitions, environment, assumedRingStates(definitions));
    const compiled = performance.now();
    const found = [...problems, ...desired.problems].length;
    const rules = desired.zones.flatMap((zone) => zone.rules[CUSTOM_PHASE]).length;
    const [load, make] = [loaded - started, compiled - loaded].map((each) => (each / 1000).toFixed(1));
    process.stdout.write(
      `${count.toLocaleString("en")} endpoints, otherwise: ${otherwise}: read ${load} s, compiled and checked ${make} s, ${rules} rules, ${found} problems\n`,
    );
  }
}
