import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { covers, overlap, UNREAD_PATH } from "./paths.ts";
import { leavesOf, waysOf } from "./requirementTree.ts";
import { ringsAsked } from "./ringsAsked.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Match, Rule } from "./types.ts";

/** What is legal and probably not meant: exceptions in each other, requests that need two tokens, orders without effect. */
export function adviceOn(definitions: Definitions): Problem[] {
  const isRead = ({ match }: { readonly match: Match }) => match.path !== UNREAD_PATH;
  const hosts = definitions.hosts.map((host) => ({
    ...host,
    rules: host.rules.filter(isRead),
    exceptions: host.exceptions.filter(isRead),
  }));
  return [
    ...hosts.flatMap(overlappingExceptions),
    ...hosts.flatMap((host) => twoTokens(host, hosts)),
    ...hosts.flatMap(exceptedRules),
    ...hosts.flatMap((host) => ordersWithoutEffect(host, hosts)),
  ];
}

/** What nothing uses; only sound where nothing was left out of what is looked at. */
export function unusedIn(definitions: Definitions): Problem[] {
  return [...definitions.hosts.flatMap(unreachedExceptions), ...unusedRings(definitions)];
}

function overlappingExceptions({ exceptions }: HostDefinition): Problem[] {
  return exceptions.flatMap((exception, index) => {
    const earlier = exceptions.slice(0, index).find((other) => overlap(other.match, exception.match));
    if (earlier === undefined) return [];
    const inside = covers(earlier.match, exception.match);
    return [
      problem(
        "EXCEPTION_OVERLAP",
        exception.at,
        `the exception ${show(exception.id)} ${inside ? "lies inside" : "overlaps"} ${show(earlier.id)} (${earlier.at.file}:${earlier.at.line})`,
        inside
          ? "remove it"
          : "make the two exclude each other, so that each can be removed without a surprise",
      ),
    ];
  });
}

function unreachedExceptions(host: HostDefinition): Problem[] {
  if (host.otherwise === "deny") return [];
  const rules = host.rules.filter((rule) => rule.mode !== "off");
  return host.exceptions
    .filter((exception) => !rules.some((rule) => overlap(rule.match, exception.match)))
    .map((exception) =>
      problem(
        "EXCEPTION_UNREACHABLE",
        exception.at,
        `no rule of ${host.host} matches what ${show(exception.id)} excepts`,
        "remove it, or correct its path and method",
      ),
    );
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
    waysOf(require).map((way) => way.flatMap(({ kind, ring }) => (kind === "token" ? [ring] : [])));
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
    (rule) => rule.mode !== "off" && leavesOf(rule.require).some(({ kind }) => kind === "token"),
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
      if (!overlap(rule.match, other.match)) return [];
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

/** Rules that an exception takes every request from: neither their guard nor their limit ever acts. */
function exceptedRules(host: HostDefinition): Problem[] {
  return host.rules.flatMap((rule) => {
    const exception = host.exceptions.find((each) => covers(each.match, rule.match));
    if (exception === undefined || rule.mode === "off") return [];
    return [
      problem(
        "RULE_EXCEPTED",
        rule.at.match,
        `${show(rule.id)} never acts: the exception ${show(exception.id)} takes every request from it`,
        "remove one of the two; a rule with a rateLimit alone needs no token",
      ),
    ];
  });
}

/** `before` and `after` between two raw expressions that no request meets both of. */
function ordersWithoutEffect(host: HostDefinition, hosts: readonly HostDefinition[]): Problem[] {
  const all = hosts.flatMap((each) => each.rules.map((rule) => ({ rule, host: each })));
  return host.rules.flatMap((rule) =>
    [...rule.before, ...rule.after].flatMap((id) => {
      const other = all.find((each) => each.rule.id === id);
      if (other?.rule.expression === undefined || rule.expression === undefined) return [];
      if (other.host === host && overlap(other.rule.match, rule.match)) return [];
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
