import { existsSync, readdirSync, readFileSync } from "node:fs";
import { loadDefinitions } from "../../definition/load.ts";
import type { Environment } from "../../definition/types.ts";
import { errorsOf, formatProblems } from "../../problem/problem.ts";
import { assumedRingStates, compile } from "../compile.ts";
import type { DesiredRule, DesiredState, RingStates } from "../types.ts";
import { enterprise } from "./exampleRules.ts";

/**
 * Compiles one folder: its YAML files, with `zone.json` (changes to the zone), `environment.json` (changes to the
 * environment) and `states.json` (ring states) where they exist.
 */
export function compileFolder(folder: string): DesiredState {
  const json = (name: string) =>
    existsSync(`${folder}/${name}`) ? (JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as object) : {};
  const environment: Environment = {
    ...enterprise,
    zones: enterprise.zones.map((zone) => ({ ...zone, ...json("zone.json") })),
    ...json("environment.json"),
  };
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ path: name, text: readFileSync(`${folder}/${name}`, "utf8") }));
  const { definitions, problems } = loadDefinitions(files, environment);
  const states = existsSync(`${folder}/states.json`)
    ? (json("states.json") as RingStates)
    : assumedRingStates(definitions);
  const desired = compile(definitions, environment, states);
  const said = formatProblems(errorsOf([...problems, ...desired.problems]));
  if (said !== "") throw new Error(said);
  return desired;
}

/** A desired state as people read it: one paragraph for each rule. */
export function print(desired: DesiredState): string {
  return desired.zones
    .map((zone) =>
      [
        `zone ${zone.zoneName}`,
        ...zone.tokenConfigurations.map(
          (each) => `token configuration ${each.ring}: ${each.tokenSources.join(", ")}`,
        ),
        ...zone.canaries.map((each) => `canary ${each.ring}: ${each.host}${each.path}`),
        ...Object.values(zone.rules).flat().map(printRule),
      ].join("\n\n"),
    )
    .join("\n\n")
    .concat("\n");
}

function printRule(rule: DesiredRule): string {
  const { action_parameters, ratelimit } = rule;
  const limit =
    ratelimit === undefined
      ? []
      : [
          `  ${ratelimit.requests_per_period} in ${ratelimit.period} s by ${ratelimit.characteristics.join(" and ")}, for ${ratelimit.mitigation_timeout} s`,
        ];
  const reply = action_parameters === undefined ? "" : ` ${action_parameters.response.status_code}`;
  return [
    `${rule.ref}: ${rule.action}${reply}${rule.enabled ? "" : ", disabled"}`,
    `  ${rule.expression}`,
    ...limit,
  ].join("\n");
}
