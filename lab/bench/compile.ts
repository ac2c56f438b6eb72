import { assumedRingStates, compile } from "../../model/compile/compile.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Environment } from "../../model/definition/types.ts";
import { CUSTOM_PHASE } from "../../model/facts/phases.ts";

/*
 * Definitions to rules, checks included: endpoints below one prefix, each with a scope, with and without
 * `otherwise: deny`. What a run of `check` takes besides starting; the first ones also warm up.
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

/** Processor time of a piece of work, user and system, in seconds. */
function timed<T>(work: () => T): { readonly done: T; readonly seconds: number } {
  const started = process.cpuUsage();
  const done = work();
  const { user, system } = process.cpuUsage(started);
  return { done, seconds: (user + system) / 1e6 };
}

const COUNTS = [300, 1000, 3000, 10_000];
const whole = new Map<string, number>();

for (const count of COUNTS) {
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
    const load = timed(() => loadDefinitions([{ path: "a.yaml", text }], environment));
    const { definitions, problems } = load.done;
    const make = timed(() => compile(definitions, environment, assumedRingStates(definitions)));
    const found = [...problems, ...make.done.problems].length;
    const rules = make.done.zones.flatMap((zone) => zone.rules[CUSTOM_PHASE]).length;
    whole.set(`${count} ${otherwise}`, load.seconds + make.seconds);
    process.stdout.write(
      `${count.toLocaleString("en")} endpoints, otherwise: ${otherwise}: processor time: read ${load.seconds.toFixed(1)} s, compiled and checked ${make.seconds.toFixed(1)} s; ${rules} rules, ${found} problems\n`,
    );
  }
}
for (const otherwise of ["allow", "deny"]) {
  const ratio = (whole.get(`10000 ${otherwise}`) ?? 0) / (whole.get(`1000 ${otherwise}`) ?? 1);
  process.stdout.write(
    `otherwise: ${otherwise}: ten times the endpoints in ${ratio.toFixed(1)} times the time\n`,
  );
}
