import { covers } from "../definition/paths.ts";
import { type HostDefinition, type Match, MODES, type Mode, type Rule } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import { ambiguous } from "./ambiguity.ts";
import { effectiveMode } from "./effects.ts";
import { all, not } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { firstSegmentIsOneOf, guards } from "./matches.ts";
import { pack } from "./pack.ts";
import { replies } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { hostScope, sourcesOf, stateOf, type ZoneInput } from "./zoneInput.ts";

/**
 * The rule that refuses ambiguous requests to a host. It acts as hard as the hardest guard of the host: a trick
 * must not get around any of them, and while none refuses there is nothing to get around.
 */
export function ambiguousRule(input: ZoneInput, host: HostDefinition): DesiredRule[] {
  const modes = host.rules.map((rule) => guardMode(input, rule));
  if (host.otherwise === "deny") modes.push(effectiveMode(host.mode, input.environment, "no ring"));
  const mode = MODES.findLast((each) => modes.includes(each)) ?? "off";
  const expression = ambiguous(
    host,
    [...new Set(host.tokens.map((use) => use.ring))].map((ring) => ({
      ring,
      sources: sourcesOf(input.hosts, ring),
      at: host.at,
    })),
  );
  return makeRule(input, {
    name: `${host.host}/ambiguous`,
    mode,
    reply: replies.ambiguous,
    description: `${host.host}: requests that can be read in more than one way`,
    expression,
    branches: [{ ruleId: "ambiguous", expression }],
    at: host.at,
  });
}

function guardMode(input: ZoneInput, rule: Rule): Mode {
  const ring = rule.require?.ring;
  return effectiveMode(rule.mode, input.environment, ring === undefined ? "no ring" : stateOf(input, ring));
}

/**
 * The rules that refuse what neither a rule nor an exception of a host lists. One where it fits; else one for
 * unlisted first segments and one for each bucket of listed ones.
 */
export function otherwiseRules(input: ZoneInput, host: HostDefinition): DesiredRule[] {
  if (host.otherwise === "allow") return [];
  const matches = listedMatches(host);
  if (guards(matches) === undefined && matches.length > 0) return [];
  const limit = limitOf(input.zone, "expressionLength");
  const expressionFor = (some: readonly Match[], segments?: string) =>
    all(hostScope(host), segments, some.length === 0 ? undefined : not(guards(some) ?? ""));
  const rule = (name: string, expression: string) =>
    makeRule(input, {
      name: `${host.host}/otherwise${name}`,
      mode: effectiveMode(host.mode, input.environment, "no ring"),
      reply: replies.notListed,
      description: `${host.host}: what no rule and no exception lists`,
      expression,
      branches: [{ ruleId: "otherwise", expression }],
      at: host.at,
    });
  const whole = expressionFor(matches);
  if (realLength(whole) <= limit) return rule("", whole);
  const everywhere = matches.filter((match) => firstSegment(match) === undefined);
  const segments = [...new Set(matches.flatMap((match) => firstSegment(match) ?? []))];
  const below = (some: readonly string[]) =>
    expressionFor(
      [...everywhere, ...matches.filter((match) => some.includes(firstSegment(match) ?? ""))],
      firstSegmentIsOneOf(some),
    );
  return [
    ...pack(
      segments,
      (segment) => segment,
      (some) => realLength(below(some)) <= limit,
    ).flatMap((bucket) => rule(`/${bucket.prefix === "" ? "all" : bucket.prefix}`, below(bucket.items))),
    ...rule("/unlisted", expressionFor(everywhere, not(firstSegmentIsOneOf(segments)))),
  ];
}

/** What the host's rules match, without those that others cover. A rule that is off guards nothing and lists nothing. */
function listedMatches(host: HostDefinition): readonly Match[] {
  const matches = host.rules.filter((rule) => rule.mode !== "off").map((rule) => rule.match);
  return matches.filter(
    (match, index) =>
      !matches.some(
        (other, place) => place !== index && covers(other, match) && (!covers(match, other) || place < index),
      ),
  );
}

function firstSegment(match: Match): string | undefined {
  return match.path.segments[0]?.toLowerCase() ?? undefined;
}
