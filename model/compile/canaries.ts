import { ringsAsked } from "../definition/ringsAsked.ts";
import type { HostDefinition } from "../definition/types.ts";
import { CANARY_AUDIENCE, CANARY_PREFIX, canaryPath } from "../facts/canary.ts";
import { all, linkIsValid, quote, tokenIsValid } from "./expressions.ts";
import { hostsAre } from "./hostScope.ts";
import { makeRule } from "./makeRule.ts";
import { CANARY_REFUSED, canaryAccepted } from "./replies.ts";
import type { Canary, DesiredRule } from "./types.ts";
import { stateOf, type ZoneInput } from "./zoneInput.ts";

/** Rings that rules of the zone use, by id, each with the hosts that use it. */
export function ringHosts(input: ZoneInput): (readonly [string, readonly HostDefinition[]])[] {
  const hosts = new Map<string, Set<HostDefinition>>();
  for (const host of input.hosts) {
    const used = [...host.tokens.map((use) => use.ring), ...host.rules.flatMap(ringsAsked)];
    for (const ring of used) hosts.set(ring, (hosts.get(ring) ?? new Set()).add(host));
  }
  return [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([ring, some]) => [ring, [...some]] as const);
}

/** Where each ring of the zone can be proved. */
export function canariesOf(input: ZoneInput): Canary[] {
  return ringHosts(input).flatMap(([ring, hosts]) => {
    // A name that exists goes before one that only a wildcard answers for.
    const host = hosts.find((each) => each.host === each.sample) ?? hosts[0];
    return host === undefined || input.rings.get(ring)?.kind === "mirror"
      ? []
      : [{ ring, host: host.sample, path: canaryPath(ring) }];
  });
}

/**
 * The first rules of the zone: one that accepts for each ring, one that refuses everything else below the
 * canary path. A JWT proves its key only with the canary audience, so that it opens nothing else; a link only by
 * being signed for the canary path. A mirrored ring has none: nobody here could sign a token for it.
 */
export function canaryRules(input: ZoneInput): DesiredRule[] {
  const used = ringHosts(input);
  const accepting = used.flatMap(([id, hosts]) => {
    const ring = input.rings.get(id);
    const keys = stateOf(input, id).keys;
    if (ring === undefined || ring.kind === "mirror" || keys.length === 0) return [];
    const proof =
      ring.kind === "jwt"
        ? tokenIsValid(ring, [CANARY_AUDIENCE])
        : linkIsValid(
            ring,
            keys.map((key) => key.name),
          );
    const expression = all(hostsAre(hosts), `http.request.uri.path eq ${quote(canaryPath(id))}`, proof);
    return makeRule(input, {
      name: `canary.${id}`,
      mode: "block",
      reply: canaryAccepted(id),
      description: `canary: accepts ${id}`,
      expression,
      branches: [{ ruleId: "canary", expression }],
      at: ring.at,
    });
  });
  const asked = new Set(used.flatMap(([, hosts]) => hosts));
  const everyHost = input.hosts.filter((host) => asked.has(host));
  const at = input.hosts[0]?.at;
  if (everyHost.length === 0 || at === undefined) return accepting;
  const expression = all(
    hostsAre(everyHost),
    `starts_with(lower(url_decode(http.request.uri.path)), ${quote(CANARY_PREFIX)})`,
  );
  return [
    ...accepting,
    ...makeRule(input, {
      name: "canary",
      mode: "block",
      reply: CANARY_REFUSED,
      description: "canary: refuses the rest",
      expression,
      branches: [{ ruleId: "canary", expression }],
      at,
    }),
  ];
}
