import type { RingStates } from "../compile/types.ts";
import { modeAt } from "../definition/modes.ts";
import { compareMatches } from "../definition/paths.ts";
import { isReady, limitWaitsFor } from "../definition/ringsAsked.ts";
import {
  type Definitions,
  type Environment,
  type HostDefinition,
  isTokenRing,
  MODES,
  type Mode,
  type Rule,
  type ScopeShape,
  type StagedMode,
  type TokenSource,
} from "../definition/types.ts";
import { COMMON_METHODS } from "../facts/methods.ts";
import { acceptancesOf } from "./accepts.ts";
import { isNamed } from "./ambiguous.ts";
import type { Decision, HostPolicy, Stretch } from "./types.ts";

/**
 * The policy of every host at an instant.
 *
 * @param definitions as `loadDefinitions` answers them
 * @param states what the ledger knows of each ring; one that is absent has no key yet, so that its rules only log
 * @param at Unix seconds
 */
export function policiesOf(
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
  at: number,
): readonly HostPolicy[] {
  return stretchesOf(definitions, environment, states).map((stretches) => policyAt(stretches, at));
}

/** What a host wants at an instant (Unix seconds), of what it wants over time. */
export function policyAt(stretches: readonly Stretch[], at: number): HostPolicy {
  const stretch = stretches.find(({ during: { until } }) => until === undefined || at < until);
  if (stretch === undefined) throw new RangeError("a host without a last stretch");
  return stretch.policy;
}

/** The policy of every host over time: one stretch from each of its dates to the next. Takes what `policiesOf` takes. */
export function stretchesOf(
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
): readonly (readonly Stretch[])[] {
  const policyFrom = policyMaker(definitions, environment, states);
  return definitions.hosts.map((host) => {
    const dates = datesOf(host);
    return [undefined, ...dates].map((from, index): Stretch => {
      const until = dates[index];
      return {
        during: { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) },
        policy: policyFrom(host, from ?? Number.NEGATIVE_INFINITY),
      };
    });
  });
}

/** The instants at which a mode on a host changes, in order. */
export function datesOf({ rules, mode }: HostDefinition): readonly number[] {
  const modes = [
    mode,
    ...rules.flatMap((rule) => [rule.mode, ...(rule.rateLimit ? [rule.rateLimit.mode] : [])]),
  ];
  return [...new Set(modes.flatMap(({ later }) => later.map(({ from }) => from)))].sort((a, b) => a - b);
}

function policyMaker(
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
): (host: HostDefinition, at: number) => HostPolicy {
  const scopes = Object.fromEntries(
    definitions.rings.flatMap((ring): [string, ScopeShape][] =>
      isTokenRing(ring) ? [[ring.id, ring.scope]] : [],
    ),
  );
  return (host, at) => {
    const inZone = definitions.hosts.filter((other) => other.zone.id === host.zone.id);
    const decided = (rule: Rule, staged: StagedMode, asking: Parameters<typeof isReady>[0]): Decision[] => {
      const stated = modeAt(staged, at);
      const mode = modeOf(stated, asking);
      return decisionsOf(rule, mode, stated);
    };
    const modeOf = (mode: Mode, asking: Parameters<typeof isReady>[0]) =>
      effectiveMode(mode, environment, isReady(asking, readiness(states)));
    const some = (wanted: (rule: Rule) => boolean, asking: (rule: Rule) => Parameters<typeof isReady>[0]) =>
      host.rules.filter(wanted).flatMap((rule) => decided(rule, rule.mode, asking(rule)));
    const ofRequirement = ({ require }: Rule) => ({ require });
    const policy = {
      decisions: some((rule) => rule.require !== undefined && !rule.always, ofRequirement).sort((a, b) =>
        compareMatches(a.match, b.match),
      ),
      always: some((rule) => rule.require !== undefined && rule.always, ofRequirement),
      conditions: some(
        (rule) => rule.expression !== undefined,
        ({ expression }) => ({ expression }),
      ),
      otherwise: host.otherwise === "deny" ? modeOf(modeAt(host.mode, at), {}) : undefined,
    };
    const limits = host.rules.flatMap((rule) =>
      rule.rateLimit === undefined ? [] : decided(rule, rule.rateLimit.mode, limitWaitsFor(rule)),
    );
    // A trick must not get around an expression or a limit either.
    const guards = [
      ...policy.decisions.filter(({ rule }) => rule.require?.kind !== "none"),
      ...policy.always,
      ...policy.conditions,
      ...limits,
    ];
    const modes = [...guards.map(({ mode }) => mode), policy.otherwise];
    return {
      host,
      ...policy,
      ambiguous: MODES.findLast((mode) => modes.includes(mode)) ?? "off",
      limits,
      accepts: acceptancesOf({ ...policy, host, limits }),
      places: [...new Set(host.tokens.map((use) => use.ring))].map((ring) => ({
        ring,
        sources: sourcesOf(inZone, ring),
        at: host.at,
      })),
      methods: methodsOf(host),
      scopes,
    };
  };
}

function methodsOf({ rules, exceptions }: HostDefinition): ReadonlySet<string> | undefined {
  const stated = (some: HostDefinition["rules" | "exceptions"]) =>
    some.flatMap(({ matches }) => matches.flatMap(({ methods }) => methods ?? []));
  const ofRules = stated(rules);
  return ofRules.length === 0 ? undefined : new Set([...COMMON_METHODS, ...ofRules, ...stated(exceptions)]);
}

/** The policy that a plain name of a host has. */
export function policyFor(policies: readonly HostPolicy[], name: string): HostPolicy | undefined {
  return policies.find(({ host }) => isNamed(host, name));
}

/** A path that is named twice counts once. */
function decisionsOf(rule: Rule, mode: Mode, stated: Mode): Decision[] {
  if (mode === "off") return [];
  const matches = new Map(rule.matches.map((match) => [match.path.text, match]));
  return [...matches.values()].map((match) => ({ rule, match, mode, stated }));
}

/** Whether rules may refuse by a ring: it has an ACTIVE key, or has refused before. */
export function readiness(states: RingStates): (ring: string) => boolean {
  return (ring) => states[ring]?.active === true || states[ring]?.everBlocked === true;
}

/**
 * The mode that a rule really has. It is never harder than the environment's, and no harder than `log` while what it
 * asks is not ready: a first key is proved before anybody depends on it.
 */
export function effectiveMode(mode: Mode, environment: Environment, ready: boolean): Mode {
  const limited = weaker(mode, environment.mode ?? "block");
  return ready ? limited : weaker(limited, "log");
}

function weaker(a: Mode, b: Mode): Mode {
  return isAsHard(b, a) ? a : b;
}

/** Whether a mode acts at least as hard as another. */
export function isAsHard(mode: Mode, other: Mode): boolean {
  return MODES.indexOf(mode) >= MODES.indexOf(other);
}

/** Every place where the hosts have tokens of the ring. */
export function sourcesOf(hosts: readonly HostDefinition[], ring: string): readonly TokenSource[] {
  const uses = hosts.flatMap((host) => host.tokens.filter((use) => use.ring === ring));
  const sources = new Map(
    uses.flatMap((use) => use.sources.map((source) => [`${source.kind} ${source.name}`, source])),
  );
  return [...sources.values()];
}
