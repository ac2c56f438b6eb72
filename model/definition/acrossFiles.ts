import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { orderRules } from "./order.ts";
import type { Named } from "./reading.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Ring, Rule } from "./types.ts";
import { NO_ZONE } from "./wildcards.ts";

/** What only shows when all files are seen together: repeated ids and impossible orders. */
export function checkAcrossFiles({ rings, hosts }: Definitions, named: Named): Problem[] {
  return [
    ...repeatedRings(rings),
    ...repeatedIds(hosts),
    ...neighbourProblems(hosts, named),
    ...orderProblems(hosts),
  ];
}

/** An id names a rule at Cloudflare for life, also after `was`: nobody else may have it. */
function repeatedIds(hosts: readonly HostDefinition[]): Problem[] {
  const all = [
    ...[...new Set(hosts.flatMap(({ rules }) => rules))].flatMap((rule) =>
      [rule.id, ...(rule.was === undefined ? [] : [rule.was])].map((id) => ({ id, at: rule.at.self })),
    ),
    ...[...new Set(hosts.flatMap(({ exceptions }) => exceptions))].map(({ id, at }) => ({ id, at })),
  ];
  return repeated(all, (id, at, first) =>
    problem(
      "RULE_ID_DUPLICATE",
      at,
      `the id ${show(id)} is already used at ${first.file}:${first.line}`,
      "give one of them another id; an id names its rule at Cloudflare for life",
    ),
  );
}

/** Two rings must not go on with one ledger. Repeated ids under `keys` are found where rings are read. */
function repeatedRings(rings: readonly Ring[]): Problem[] {
  const all = rings.flatMap((ring) =>
    [ring.id, ...(ring.was === undefined ? [] : [ring.was])].map((id) => ({ id, at: ring.at })),
  );
  return repeated(all, (id, at, first) =>
    problem(
      "RING_ID_DUPLICATE",
      at,
      `the ring ${show(id)} is already claimed at ${first.file}:${first.line}`,
      "let only one ring have this id or say was: with it",
    ),
  );
}

interface Claim {
  readonly id: string;
  readonly at: Position;
}

function repeated(
  claims: readonly Claim[],
  tell: (id: string, at: Position, first: Position) => Problem,
): Problem[] {
  const seen = new Map<string, Position>();
  return [...claims]
    .sort((a, b) => (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.line - b.at.line))
    .flatMap(({ id, at }) => {
      const first = seen.get(id);
      seen.set(id, first ?? at);
      return first === undefined ? [] : [tell(id, at, first)];
    });
}

function neighbourProblems(hosts: readonly HostDefinition[], named: Named): Problem[] {
  const rules = new Map<Rule, Set<string>>();
  for (const host of hosts)
    for (const rule of host.rules) rules.set(rule, (rules.get(rule) ?? new Set()).add(host.zone.id));
  const byId = new Map([...rules].map(([rule, zones]) => [rule.id, { rule, zones }] as const));
  // What is missing from one that could not be read may have been an expression.
  const isRead = (rule: Rule | undefined) =>
    rule !== undefined && (rule.require !== undefined || rule.rateLimit !== undefined);
  return [...rules].flatMap(([rule, zones]) =>
    [...rule.before, ...rule.after].flatMap((id) => {
      const { rule: other, zones: others = new Set<string>() } = byId.get(id) ?? {};
      const meets = [...zones].some((zone) => others.has(zone));
      if (meets && rule.expression !== undefined && other?.expression === undefined && isRead(other)) {
        return [
          problem(
            "RULE_ORDER_WITHOUT_EXPRESSION",
            rule.at.self,
            `${show(rule.id)} is ordered by ${show(id)}, which has no expression`,
            "name a rule with an expression: of rules that require something the most specific decides",
          ),
        ];
      }
      if (meets || others.has(NO_ZONE.id) || (others.size > 0 && zones.has(NO_ZONE.id))) return [];
      if (others.size > 0) {
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
      const guess = nearest(
        id,
        [...named.ruleIds].filter((each) => each !== rule.id),
      );
      return [
        problem(
          "RULE_UNKNOWN",
          rule.at.self,
          `no file defines the rule ${show(id)} that ${show(rule.id)} is ordered by`,
          guess === undefined ? "name a rule by its id" : `did you mean ${guess}?`,
        ),
      ];
    }),
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
