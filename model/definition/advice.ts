import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { hardestMode } from "./modes.ts";
import { compareMatches, covers, overlap, UNREAD_PATH } from "./paths.ts";
import { leavesOf, waysOf } from "./requirementTree.ts";
import { ringsAsked } from "./ringsAsked.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Match, PlacedMatch, Rule } from "./types.ts";

/** What is legal and probably not meant: exceptions in each other, requests that need two tokens, orders without effect. */
export function adviceOn(definitions: Definitions): Problem[] {
  const known = new Map<Matching, Matching>();
  // The same for each host that has it.
  const read = <T extends Matching>(each: T): T => {
    const matches = each.matches.filter(({ path }) => path !== UNREAD_PATH);
    const whole = (known.get(each) as T | undefined) ?? { ...each, matches };
    known.set(each, whole);
    return whole;
  };
  const hosts = definitions.hosts.map((host) => ({
    ...host,
    rules: host.rules.map(read).filter(({ matches }) => matches.length > 0),
    exceptions: host.exceptions.map(read).filter(({ matches }) => matches.length > 0),
  }));
  return [
    ...hosts.flatMap(overlappingExceptions),
    ...hosts.flatMap((host) => twoTokens(host, hosts)),
    ...exceptedRules(hosts),
    ...hosts.flatMap(coveredPaths),
    ...ordersWithoutEffect(hosts),
  ];
}

/** What nothing uses; only sound where nothing was left out of what is looked at. */
export function unusedIn(definitions: Definitions): Problem[] {
  return [...unreachedExceptions(definitions.hosts), ...unusedRings(definitions)];
}

function isEverOn({ mode }: Rule): boolean {
  return hardestMode(mode) !== "off";
}

interface Matching {
  readonly matches: readonly PlacedMatch[];
}

/** Whether some request is matched by both. */
function meet(a: Matching, b: Matching): boolean {
  return a.matches.some((match) => b.matches.some((other) => overlap(match, other)));
}

/** What hosts have, each with all hosts that have it: a file may be about several. */
function withHosts<T>(
  hosts: readonly HostDefinition[],
  membersOf: (host: HostDefinition) => readonly T[],
): readonly (readonly [T, readonly HostDefinition[]])[] {
  const all = new Map<T, HostDefinition[]>();
  for (const host of hosts)
    for (const member of membersOf(host)) all.set(member, [...(all.get(member) ?? []), host]);
  return [...all];
}

/** Paths of a rule or exception that another of its paths covers. */
function coveredPaths({ rules, exceptions }: HostDefinition): Problem[] {
  return [...rules, ...exceptions].flatMap(({ id, matches }) => {
    // Where another rule decides between the two, the narrower path takes its requests back.
    const isBetween = (narrow: Match, broad: Match) =>
      rules.some(
        (other) =>
          other.id !== id &&
          other.require !== undefined &&
          other.matches.some(
            (match) =>
              overlap(match, narrow) && compareMatches(narrow, match) < 0 && compareMatches(match, broad) < 0,
          ),
      );
    return matches.flatMap((match, index) => {
      const cover = matches.find(
        (other, place) =>
          place !== index &&
          covers(other, match) &&
          (place < index || !covers(match, other)) &&
          !isBetween(match, other),
      );
      if (cover === undefined) return [];
      const { file, line, column } = cover.at;
      return [
        problem(
          "PATH_COVERED",
          match.at,
          `${show(id)} names ${show(cover.path.text)} (${file}:${line}:${column}), which covers ${show(match.path.text)}`,
          "remove it",
        ),
      ];
    });
  });
}

function overlappingExceptions({ exceptions }: HostDefinition): Problem[] {
  return exceptions.flatMap((exception, index) =>
    exception.matches.flatMap((match) => {
      const earlier = exceptions
        .slice(0, index)
        .flatMap((by) => by.matches.map((other) => ({ by, other })))
        .find(({ other }) => overlap(other, match));
      if (earlier === undefined) return [];
      const inside = covers(earlier.other, match);
      const { id, at } = earlier.by;
      return [
        problem(
          "EXCEPTION_OVERLAP",
          exception.matches.length > 1 ? match.at : exception.at,
          `the exception ${show(exception.id)} ${inside ? "lies inside" : "overlaps"} ${show(id)} (${at.file}:${at.line})`,
          inside
            ? "remove it"
            : "make the two exclude each other, so that each can be removed without a surprise",
        ),
      ];
    }),
  );
}

function unreachedExceptions(all: readonly HostDefinition[]): Problem[] {
  return withHosts(all, ({ exceptions }) => exceptions).flatMap(([exception, hosts]) => {
    const reached = (match: PlacedMatch) =>
      hosts.some(
        (host) =>
          host.otherwise === "deny" ||
          host.rules.some((rule) => isEverOn(rule) && meet(rule, { matches: [match] })),
      );
    const idle = exception.matches.filter((match) => !reached(match));
    const names = hosts.map(({ host }) => host).join(" and ");
    const whole = idle.length === exception.matches.length;
    return (whole ? idle.slice(0, 1) : idle).map((match) =>
      problem(
        "EXCEPTION_UNREACHABLE",
        whole ? exception.at : match.at,
        `no rule of ${names} matches what ${show(exception.id)} excepts${whole ? "" : ` at ${match.path.text}`}`,
        "remove it, or correct its path and method",
      ),
    );
  });
}

/**
 * Two rules that hold for one request and need tokens of two rings. Both can only be there when each ring has a place
 * that is none of the other's: two tokens in the places of one ring are refused as ambiguous.
 */
function twoTokens(host: HostDefinition, hosts: readonly HostDefinition[]): Problem[] {
  const inZone = hosts.filter((other) => other.zone.id === host.zone.id).flatMap((other) => other.tokens);
  const sourcesOf = (ring: string) => [
    ...new Set(
      inZone
        .filter((use) => use.ring === ring)
        .flatMap((use) => use.sources.map(({ kind, name }) => `${kind} ${name}`)),
    ),
  ];
  /** For each way to meet a rule the rings whose tokens it needs. */
  const tokensOf = ({ require }: Rule) =>
    waysOf(require).map((way) => way.flatMap((leaf) => (leaf.kind === "token" ? [leaf.ring] : [])));
  /** Two rings of a way whose tokens can not both be in a request. */
  const clash = (rings: readonly string[]) => {
    const list = [...new Set(rings)];
    return list
      .flatMap((a, index) => list.slice(index + 1).map((b) => [a, b] as const))
      .find(([a, b]) => {
        const [ofA, ofB] = [sourcesOf(a), sourcesOf(b)];
        const apart =
          ofA.some((source) => !ofB.includes(source)) && ofB.some((source) => !ofA.includes(source));
        return !apart;
      });
  };
  const guarded = host.rules.filter(
    (rule) => isEverOn(rule) && leavesOf(rule.require).some(({ kind }) => kind === "token"),
  );
  // Of two rules that are not under `always`, one decides alone.
  const always = guarded.filter((rule) => rule.always);
  const alone = guarded.flatMap((rule) => {
    const [a, b] = tokensOf(rule).flatMap((rings) => clash(rings) ?? []);
    if (a === undefined || b === undefined) return [];
    return [
      problem(
        "RULES_NEED_TWO_TOKENS",
        rule.at.require,
        `${show(rule.id)} needs tokens of ${a} and of ${b} together, from ${sourcesOf(a).join(", ")}`,
        "ask for one of the two, or give one ring a place of its own under tokens",
      ),
    ];
  });
  const together = always.flatMap((rule, index) =>
    [...guarded.filter((other) => !other.always), ...always.slice(0, index)].flatMap((other) => {
      if (!meet(rule, other)) return [];
      const pairs = tokensOf(rule).flatMap((mine) => tokensOf(other).map((its) => clash([...mine, ...its])));
      const [first] = pairs;
      // A way that needs no two tokens is enough.
      if (first === undefined || pairs.includes(undefined)) return [];
      const [a, b] = first;
      return [
        problem(
          "RULES_NEED_TWO_TOKENS",
          rule.at.match,
          `${show(rule.id)} and ${show(other.id)} match the same requests and need tokens of ${a} and of ${b} from ${sourcesOf(a).join(", ")}`,
          "make the matches exclude each other, or give one ring a place of its own under tokens",
        ),
      ];
    }),
  );
  return [...alone, ...together];
}

/** Rules, or paths of them, that exceptions take every request from: neither guard nor limit ever acts there. */
function exceptedRules(all: readonly HostDefinition[]): Problem[] {
  if (all.every(({ exceptions }) => exceptions.length === 0)) return [];
  return withHosts(all, ({ rules }) => rules).flatMap(([rule, hosts]) => {
    if (!isEverOn(rule)) return [];
    const excepted = rule.matches.flatMap((match) => {
      const takers = hosts.map(({ exceptions }) =>
        exceptions.find((each) => each.matches.some((other) => covers(other, match))),
      );
      const [taker] = takers;
      return taker === undefined || takers.includes(undefined) ? [] : [{ match, taker }];
    });
    const never = excepted.length === rule.matches.length;
    return (never ? excepted.slice(0, 1) : excepted).map(({ match, taker }) =>
      problem(
        "RULE_EXCEPTED",
        never ? rule.at.match : match.at,
        `${show(rule.id)} never acts${never ? "" : ` at ${match.path.text}`}: the exception ${show(taker.id)} takes every request from it`,
        "remove one of the two; a rule with a rateLimit alone needs no token",
      ),
    );
  });
}

/** `before` and `after` between two raw expressions that no request meets both of. */
function ordersWithoutEffect(all: readonly HostDefinition[]): Problem[] {
  const rules = withHosts(all, (host) => host.rules);
  return rules.flatMap(([rule, hosts]) =>
    [...rule.before, ...rule.after].flatMap((id) => {
      const [other, others = []] = rules.find(([each]) => each.id === id) ?? [];
      if (other?.expression === undefined || rule.expression === undefined) return [];
      if (others.some((host) => hosts.includes(host)) && meet(other, rule)) return [];
      return [
        problem(
          "RULE_ORDER_WITHOUT_EFFECT",
          rule.at.self,
          `no request matches both ${show(rule.id)} and ${show(id)}, so their order has no effect`,
          "remove the order",
        ),
      ];
    }),
  );
}

function unusedRings({ rings, hosts }: Definitions): Problem[] {
  const used = new Set(
    hosts.flatMap((host) => [...host.tokens.map((use) => use.ring), ...host.rules.flatMap(ringsAsked)]),
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
