import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { orderRules } from "./order.ts";
import { covers, overlap } from "./paths.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Rule } from "./types.ts";

/**
 * What only shows when all files are seen together: repeated ids, impossible orders, exceptions without effect.
 *
 * @param complete false when some file could not be read; a name that is missing then is no problem
 */
export function checkAcrossFiles(definitions: Definitions, complete: boolean): Problem[] {
  const { hosts } = definitions;
  return [
    ...repeatedIds(hosts),
    ...(complete ? unknownNeighbours(hosts) : []),
    ...orderProblems(hosts),
    ...hosts.flatMap(exceptionProblems),
    ...hosts.flatMap(twoTokens),
    ...(complete ? unusedRings(definitions) : []),
  ];
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

function unknownNeighbours(hosts: readonly HostDefinition[]): Problem[] {
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
        const guess = nearest(id, [...zoneOf.keys()]);
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
    const { cycle } = orderRules(rules);
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
}

function exceptionProblems(host: HostDefinition): Problem[] {
  return host.exceptions.flatMap((exception, index) => {
    const earlier = host.exceptions.slice(0, index).find((other) => overlap(other.match, exception.match));
    const problems: Problem[] = [];
    if (earlier !== undefined) {
      const inside = covers(earlier.match, exception.match);
      problems.push(
        problem(
          "EXCEPTION_OVERLAP",
          exception.at,
          `the exception ${show(exception.id)} ${inside ? "lies inside" : "overlaps"} ${show(earlier.id)} (${earlier.at.file}:${earlier.at.line})`,
          inside
            ? "remove it"
            : "make the two exclude each other, so that each can be removed without a surprise",
        ),
      );
    }
    const reached =
      host.otherwise === "deny" ||
      host.rules.some((rule) => rule.mode !== "off" && overlap(rule.match, exception.match));
    if (!reached) {
      problems.push(
        problem(
          "EXCEPTION_UNREACHABLE",
          exception.at,
          `no rule of ${host.host} matches what ${show(exception.id)} excepts`,
          "remove it, or correct its path and method",
        ),
      );
    }
    return problems;
  });
}

/** Two rules that match one request and read tokens of different rings from one place can never both be satisfied. */
function twoTokens(host: HostDefinition): Problem[] {
  const sourcesOf = (ring: string) =>
    host.tokens
      .filter((use) => use.ring === ring)
      .flatMap((use) => use.sources.map(({ kind, name }) => `${kind} ${name}`));
  const guarded = host.rules.filter((rule) => rule.mode !== "off" && rule.require?.kind === "token");
  return guarded.flatMap((rule, index) =>
    guarded.slice(0, index).flatMap((other) => {
      const [a, b] = [rule.require?.ring ?? "", other.require?.ring ?? ""];
      if (a === b || !overlap(rule.match, other.match)) return [];
      const [ofA, ofB] = [sourcesOf(a), sourcesOf(b)];
      const apart =
        ofA.some((source) => !ofB.includes(source)) || ofB.some((source) => !ofA.includes(source));
      if (apart) return [];
      return [
        problem(
          "RULES_NEED_TWO_TOKENS",
          rule.at.match,
          `${show(rule.id)} and ${show(other.id)} match the same requests and need tokens of ${a} and of ${b} from ${ofA.join(", ")}`,
          "make the matches exclude each other, or give one ring a place of its own under tokens",
        ),
      ];
    }),
  );
}

function unusedRings({ rings, hosts }: Definitions): Problem[] {
  const used = new Set(
    hosts.flatMap((host) => [
      ...host.tokens.map((use) => use.ring),
      ...host.rules.map((rule) => rule.require?.ring),
    ]),
  );
  return rings
    .filter((ring) => !used.has(ring.id))
    .map((ring) =>
      problem(
        "RING_UNUSED",
        ring.at,
        `no rule uses the ring ${show(ring.id)}`,
        "require it in a rule, or remove it with `keyturn forget`",
      ),
    );
}
