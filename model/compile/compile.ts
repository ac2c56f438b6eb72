import type { loadDefinitions } from "../definition/load.ts";
import type { Definitions, Environment } from "../definition/types.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { policyProblems } from "../policy/findings.ts";
import { sourcesOf, stretchesOf } from "../policy/policy.ts";
import type { Stretch } from "../policy/types.ts";
import { errorsOf, type Problem, sortProblems } from "../problem/problem.ts";
import { canariesOf, canaryRules, ringHosts } from "./canaries.ts";
import { zoneProblems } from "./check.ts";
import { tokenSource } from "./expressions.ts";
import { guardRules } from "./guards.ts";
import { ambiguousRules } from "./hostRules.ts";
import { otherwiseRules } from "./otherwise.ts";
import { rateLimitRules } from "./rateLimits.ts";
import type { DesiredState, DesiredTokenConfiguration, DesiredZone, RingStates } from "./types.ts";
import type { ZoneInput } from "./zoneInput.ts";

/**
 * What Cloudflare shall hold for checked definitions.
 *
 * @param definitions as `loadDefinitions` answers them, without errors
 * @param environment the same that they were loaded with
 * @param ringStates what the ledger knows, by ring id; a ring that is absent has no key yet
 * @returns per zone the token configurations' metadata and the rules of each phase, with placeholders for ids and
 *   secrets, and the problems that only compiling shows
 */
export function compile(
  definitions: Definitions,
  environment: Environment,
  ringStates: RingStates,
): DesiredState {
  const hosts = stretchesOf(definitions, environment, ringStates);
  const zones = zonesOf(definitions, environment, ringStates, hosts);
  const problems = zones.flatMap((desired) => {
    const zone = environment.zones.find((each) => each.id === desired.zoneId);
    return zone === undefined ? [] : zoneProblems(desired, zone);
  });
  return {
    zones,
    problems: sortProblems([
      ...hosts.flat().flatMap(({ policy }) => policyProblems(policy)),
      ...withoutRepeatedLengths(problems),
    ]),
  };
}

/** What is too long in one rule is so for each of its paths and hosts, and told once. */
function withoutRepeatedLengths(problems: readonly Problem[]): Problem[] {
  const told = new Set<string>();
  return problems.filter(({ code, file, line, column }) => {
    const place = `${file}:${line}:${column}`;
    if (code !== "EXPRESSION_TOO_LONG") return true;
    const isFirst = !told.has(place);
    told.add(place);
    return isFirst;
  });
}

/** The same without looking for problems, which takes most of the time. */
export function compileZones(
  definitions: Definitions,
  environment: Environment,
  ringStates: RingStates,
): DesiredZone[] {
  return zonesOf(definitions, environment, ringStates, stretchesOf(definitions, environment, ringStates));
}

function zonesOf(
  definitions: Definitions,
  environment: Environment,
  ringStates: RingStates,
  everyHost: readonly (readonly Stretch[])[],
): DesiredZone[] {
  const rings = new Map(definitions.rings.map((ring) => [ring.id, ring]));
  return environment.zones.flatMap((zone): DesiredZone[] => {
    const hosts = definitions.hosts.filter((host) => host.zone.id === zone.id);
    if (hosts.length === 0) return [];
    const policies = everyHost.filter(([first]) => first?.policy.host.zone.id === zone.id);
    const input: ZoneInput = { zone, hosts, policies, rings, environment, states: ringStates };
    return [
      {
        zoneId: zone.id,
        zoneName: zone.name,
        tokenConfigurations: tokenConfigurations(input),
        rules: {
          [CUSTOM_PHASE]: [
            ...canaryRules(input),
            ...policies.flatMap((stretches) => ambiguousRules(input, stretches)),
            ...guardRules(input),
            ...policies.flatMap((stretches) => otherwiseRules(input, stretches)),
          ],
          [RATE_LIMIT_PHASE]: rateLimitRules(input),
        },
        canaries: canariesOf(input),
      },
    ];
  });
}

function tokenConfigurations(input: ZoneInput): DesiredTokenConfiguration[] {
  return ringHosts(input).flatMap(([id]) => configurationOf(input, id));
}

function configurationOf(input: ZoneInput, id: string): DesiredTokenConfiguration[] {
  const ring = input.rings.get(id);
  switch (ring?.kind) {
    case undefined:
    case "hmac":
      return [];
    case "jwt":
    case "mirror":
      return [
        {
          ring: id,
          title: `keyturn ${id}`,
          description: `Tokens of ${ring.issuers.join(" or ")} for ${ring.audiences.join(" or ")}`.slice(
            0,
            200,
          ),
          tokenSources: sourcesOf(input.hosts, id).map(tokenSource),
        },
      ];
  }
}

/**
 * Ring states for checking definitions without a ledger: every ring at work and in the middle of a rotation,
 * which makes the longest expressions.
 */
export function assumedRingStates(definitions: Definitions): RingStates {
  return Object.fromEntries(
    definitions.rings.map((ring) => [
      ring.id,
      { active: true, everBlocked: true, keys: [{ name: "k2" }, { name: "k1" }] },
    ]),
  );
}

/**
 * The problems of definitions that only compiling what can be read of them shows, for every ring at work.
 *
 * @param loaded as `loadDefinitions` answers it
 * @param environment the same that they were loaded with
 */
export function problemsOfCompiled(
  { readable, problems }: ReturnType<typeof loadDefinitions>,
  environment: Environment,
): readonly Problem[] {
  const found = compile(readable, environment, assumedRingStates(readable)).problems;
  // What a plan does not have, and what was left out, would come up in an expression once more.
  const echoes = errorsOf(problems).length > 0;
  return found.filter(({ code }) => !echoes || code !== "EXPRESSION_INVALID");
}
