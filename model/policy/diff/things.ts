import type { Match, RateLimit, Ring, Rule } from "../../definition/types.ts";
import { conditionsOf, textsOf } from "../conditions.ts";
import type { Decision, HostPolicy } from "../types.ts";
import { canonical } from "./expressions.ts";
import type { Example } from "./verdicts.ts";

/** What is compared: the rings of definitions and what they make of each host. */
export interface Side {
  readonly rings: readonly Ring[];
  readonly policies: readonly HostPolicy[];
  /** Requests of its policy tests. */
  readonly tested: readonly Example[];
}

/** Something that definitions name, with what they say of it. Two of one kind are the same where their ids are. */
export interface Thing {
  readonly kind: "ring" | "host" | "exception" | "rule";
  readonly id: string;
  /** The id it had before. */
  readonly was?: string;
  /** Which requests it is for; none for rings and hosts. */
  readonly place?: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Everything of one side, as texts that are equal where the same is meant. */
export function thingsOf({ rings, policies }: Pick<Side, "rings" | "policies">): readonly Thing[] {
  return [...rings.map(ofRing), ...onAllHosts(policies.flatMap(ofPolicy))];
}

function ofRing({ id, was, at: _place, ...members }: Ring): Thing {
  const facts = Object.entries(members).map(([name, value]) => [name, asText(value)]);
  return { kind: "ring", id, ...(was === undefined ? {} : { was }), facts: Object.fromEntries(facts) };
}

/** Places in files are not what is said. */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, (name, inner) => (name === "at" ? undefined : inner));
}

function ofPolicy(policy: HostPolicy): Placed[] {
  const { host, otherwise } = policy;
  const modes = new Map([...policy.conditions, ...policy.decisions, ...policy.always].map(modeOf));
  const limits = new Map(policy.limits.map(modeOf));
  const sources = host.tokens.map((use) => [
    `tokens of ${use.ring}`,
    use.sources.map(({ kind, name }) => `${kind} ${name}`).join(", "),
  ]);
  return [
    {
      kind: "host",
      id: host.host,
      host: host.host,
      matches: [],
      facts: {
        zone: host.zone.name,
        "what nothing lists": otherwise === undefined ? "passes" : `is refused, mode ${otherwise}`,
        "CORS preflights": host.preflight ? "pass" : "need what all others need",
        "ambiguous requests": `mode ${policy.ambiguous}`,
        ...Object.fromEntries(sources),
      },
    },
    ...host.exceptions.map(
      ({ id, matches }): Placed => ({ kind: "exception", id, host: host.host, matches, facts: {} }),
    ),
    ...host.rules.map(
      (rule): Placed => ({
        kind: "rule",
        id: rule.id,
        ...(rule.was === undefined ? {} : { was: rule.was }),
        host: host.host,
        matches: rule.matches,
        facts: factsOf(rule, modes.get(rule) ?? "off", limits.get(rule) ?? "off"),
      }),
    ),
  ];
}

/** What one host has of a thing; `matches` is empty for the host itself. */
type Placed = Omit<Thing, "place"> & { readonly host: string; readonly matches: readonly Match[] };

/** One thing of what several hosts have of it. */
function onAllHosts(all: readonly Placed[]): Thing[] {
  return [...Map.groupBy(all, ({ kind, id }) => `${kind} ${id}`).values()].flatMap((some): Thing[] => {
    const [first] = some;
    if (first === undefined) return [];
    const { host: _host, matches, ...thing } = first;
    if (matches[0] === undefined) return [thing];
    const methods = matches[0].methods?.join(", ") ?? "any method";
    const hosts = some.map(({ host }) => host).join(", ");
    const paths = matches.map(({ path }) => path.text);
    return [{ ...thing, place: `${methods} ${hosts}${some.length > 1 ? " " : ""}${paths.join(", ")}` }];
  });
}

function modeOf({ rule, mode }: Decision): [Rule, string] {
  return [rule, mode];
}

/** What a rule leaves out is no fact. */
function factsOf(rule: Rule, mode: string, limitMode: string): Record<string, string> {
  const { require, expression, rateLimit, before, after } = rule;
  const order = [...before.map((id) => `before ${id}`), ...after.map((id) => `after ${id}`)].join(", ");
  return {
    ...(require === undefined ? {} : { asks: textsOf(conditionsOf(require)).join(", ") || "nothing" }),
    ...(expression === undefined ? {} : { expression: canonical(expression) }),
    ...(require === undefined && expression === undefined ? {} : { mode }),
    ...(require === undefined ? {} : { holds: rule.always ? "always" : "where it decides" }),
    ...(rateLimit === undefined ? {} : { limit: `${limitOf(rateLimit)}, mode ${limitMode}` }),
    ...(order === "" ? {} : { order }),
  };
}

function limitOf({ per, requests, every, mitigation }: RateLimit): string {
  return `${requests} requests in ${every} s per ${counterOf(per)}, then ${mitigation} s refused`;
}

function counterOf(per: RateLimit["per"]): string {
  switch (per.kind) {
    case "claim":
      return `claim ${per.path.join(".")} of ${per.ring}`;
    case "ip":
      return "address";
    case "header":
      return `header ${per.name}`;
  }
}
