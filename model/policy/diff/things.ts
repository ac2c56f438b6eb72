import { claimName } from "../../definition/claimPath.ts";
import type { Answers, Match, RateLimit, Ring, Rule } from "../../definition/types.ts";
import { formatInstant } from "../../facts/instants.ts";
import { conditionsOf, textsOf } from "../conditions.ts";
import { policyAt } from "../policy.ts";
import type { Decision, HostPolicy, Stretch } from "../types.ts";
import { canonical } from "./expressions.ts";
import type { Example } from "./verdicts.ts";

/** What is compared: the rings of definitions and what they make of each host. */
export interface Side {
  readonly rings: readonly Ring[];
  /** Before any date. */
  readonly policies: readonly HostPolicy[];
  /** Requests of its policy tests. */
  readonly tested: readonly Example[];
  /** From each date on at which a mode changes, in order. */
  readonly later: readonly Later[];
}

export interface Later {
  /** Unix seconds. */
  readonly from: number;
  readonly policies: readonly HostPolicy[];
}

/** One side of what definitions make over time; hosts as `stretchesOf` answers them. */
export function sideOf(
  rings: readonly Ring[],
  hosts: readonly (readonly Stretch[])[],
  tested: readonly Example[],
): Side {
  const starts = hosts.flatMap((stretches) => stretches.flatMap(({ during: { from } }) => from ?? []));
  const policiesAt = (at: number) => hosts.map((stretches) => policyAt(stretches, at));
  return {
    rings,
    tested,
    policies: policiesAt(Number.NEGATIVE_INFINITY),
    later: [...new Set(starts)].sort((a, b) => a - b).map((from) => ({ from, policies: policiesAt(from) })),
  };
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
export function thingsOf({ rings, policies, later }: Omit<Side, "tested">): readonly Thing[] {
  const ofHosts = policies.flatMap((policy, index) => {
    const first = tellingOf(policy);
    const others = later.flatMap(({ from, policies: all }) => {
      const other = all[index];
      return other === undefined ? [] : [{ from, telling: tellingOf(other) }];
    });
    return ofPolicy(policy, (textOf) => {
      let last = textOf(first);
      const texts = [last];
      for (const { from, telling } of others) {
        const text = textOf(telling);
        if (text !== last) texts.push(`${text} from ${formatInstant(from)}`);
        last = text;
      }
      return texts.join(", ");
    });
  });
  return [...rings.map(ofRing), ...onAllHosts(ofHosts)];
}

/** What of a policy dates may change. */
interface Telling {
  readonly policy: HostPolicy;
  /** Modes of rules and of their limits, by the rule's id. */
  readonly modes: ReadonlyMap<string, string>;
  readonly limits: ReadonlyMap<string, string>;
}

function tellingOf(policy: HostPolicy): Telling {
  const { conditions, decisions, always, limits } = policy;
  return {
    policy,
    modes: new Map([...conditions, ...decisions, ...always].map(modeOf)),
    limits: new Map(limits.map(modeOf)),
  };
}

/** A fact as it is at first, and what it becomes. */
type OverTime = (textOf: (telling: Telling) => string) => string;

function ofRing({ id, was, at: _place, ...members }: Ring): Thing {
  const facts = Object.entries(members).map(([name, value]) => [name, asText(value)]);
  return { kind: "ring", id, ...(was === undefined ? {} : { was }), facts: Object.fromEntries(facts) };
}

/** Places in files are not what is said. */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, (name, inner) => (name === "at" ? undefined : inner));
}

function ofPolicy({ host }: HostPolicy, overTime: OverTime): Placed[] {
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
        "what nothing lists": overTime(({ policy: { otherwise } }) =>
          otherwise === undefined ? "passes" : `is refused, mode ${otherwise}`,
        ),
        "CORS preflights": host.preflight ? "pass" : "need what all others need",
        "ambiguous requests": overTime(({ policy: { ambiguous } }) => `mode ${ambiguous}`),
        ...answerFacts(host.answers),
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
        facts: factsOf(
          rule,
          overTime(({ modes }) => modes.get(rule.id) ?? "off"),
          overTime(({ limits }) => limits.get(rule.id) ?? "off"),
        ),
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

function modeOf({ rule, mode }: Decision): [string, string] {
  return [rule.id, mode];
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
    ...answerFacts(rule.answers),
    ...(rule.accepts.length === 0 ? {} : { accepts: rule.accepts.join(", ") }),
    ...(order === "" ? {} : { order }),
  };
}

function answerFacts(answers: Answers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answers).map(([reason, { status, detail, body }]) => [
      `answer to ${reason}`,
      [status, detail, body?.type, body?.body].filter((each) => each !== undefined).join(" "),
    ]),
  );
}

function limitOf({ per, requests, every, mitigation }: RateLimit): string {
  return `${requests} requests in ${every} s per ${counterOf(per)}, then ${mitigation} s refused`;
}

function counterOf(per: RateLimit["per"]): string {
  switch (per.kind) {
    case "claim":
      return `claim ${claimName(per.path)} of ${per.ring}`;
    case "ip":
      return "address";
    case "header":
      return `header ${per.name}`;
  }
}
