import { ringsAsked } from "../definition/ringsAsked.ts";
import { type HostDefinition, MODES, type Mode, type Rule } from "../definition/types.ts";
import { ambiguous } from "./ambiguity.ts";
import { effectiveMode } from "./effects.ts";
import { makeRule } from "./makeRule.ts";
import { replies } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { sourcesOf, statesOf, type ZoneInput } from "./zoneInput.ts";

/**
 * The rule that refuses ambiguous requests to a host. It acts as hard as the hardest guard of the host: a trick
 * must not get around any of them, and while none refuses there is nothing to get around.
 */
export function ambiguousRule(input: ZoneInput, host: HostDefinition): DesiredRule[] {
  const modes = host.rules.map((rule) => guardMode(input, rule));
  if (host.otherwise === "deny") modes.push(effectiveMode(host.mode, input.environment, []));
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
  return effectiveMode(rule.mode, input.environment, statesOf(input, ringsAsked(rule)));
}
