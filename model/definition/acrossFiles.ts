import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { orderRules } from "./order.ts";
import type { Named } from "./reading.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Rule } from "./types.ts";

/** What only shows when all files are seen together: repeated ids and impossible orders. */
export function checkAcrossFiles({ hosts }: Definitions, named: Named): Problem[] {
  return [...repeatedIds(hosts), ...neighbourProblems(hosts, named), ...orderProblems(hosts)];
}

function repeatedIds(hosts: readonly HostDefinition[]): Problem[] {
  const seen = new Map<string, Position>();
  const all = hosts
    .flatMap((host) => [
      ...host.rules.map((rule) => ({ id: rule.id, at: rule.at.self })),
      ...host.exceptions.map(({ id, at }) => ({ id, at })),
    ])
    .sort((a, b) => (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.line - b.at.line));
  return all.flatMap(({ id, at }) => {
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, at);
      return [];
    }
    return [
      problem(
        "RULE_ID_DUPLICATE",
        at,
        `the id ${show(id)} is already used at ${first.file}:${first.line}`,
        "give one of them another id; an id names its rule at Cloudflare for life",
      ),
    ];
  });
}

function neighbourProblems(hosts: readonly HostDefinition[], named: Named): Problem[] {
  const zoneOf = new Map(hosts.flatMap((host) => host.rules.map((rule) => [rule.id, host.zone.id] as const)));
  return hosts.flatMap((host) =>
    host.rules.flatMap((rule) =>
      [...rule.before, ...rule.after].flatMap((id) => {
        const zone = zoneOf.get(id);
        if (zone === host.zone.id) return [];
        if (zone !== undefined) {
          return [
            problem(
              "RULE_ORDER_ACROSS_ZONES",
              rule.at.self,
              `${show(rule.id)} and ${show(id)} belong to different zones`,
              "rules of different zones never meet in a request; remove the order",
            ),
          ];
        }
        if (!named.complete || named.ruleIds.has(id)) return [];
        const guess = nearest(id, [...named.ruleIds]);
        return [
          problem(
            "RULE_UNKNOWN",
            rule.at.self,
            `no file defines the rule ${show(id)} that ${show(rule.id)} is ordered by`,
            guess === undefined ? "name a rule by its id" : `did you mean ${guess}?`,
          ),
        ];
      }),
    ),
  );
}

function orderProblems(hosts: readonly HostDefinition[]): Problem[] {
  const zones = new Map<string, Rule[]>();
  for (const host of hosts) zones.set(host.zone.id, [...(zones.get(host.zone.id) ?? []), ...host.rules]);
  return [...zones.values()].flatMap((rules) => {
    return orderRules(rules).cycles.flatMap((cycle) => {
      const first = rules.find((rule) => rule.id === cycle[0]);
      if (first === undefined) return [];
      return [
        problem(
          "RULE_ORDER_CYCLE",
          first.at.self,
          `this order cannot be: ${cycle.map(show).join(" before ")}`,
          "take one before or after out of the circle",
        ),
      ];
    });
  });
}
