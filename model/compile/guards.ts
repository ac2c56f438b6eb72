import { orderRules } from "../definition/order.ts";
import type { HostDefinition, JwtRing, Match, RulePositions } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import {
  bringsSomething,
  brought,
  type Condition,
  conditionsOf,
  keyOf,
  ringsOfCondition,
} from "../policy/conditions.ts";
import { overTime, type Timed } from "../policy/overTime.ts";
import { takersOf } from "../policy/takers.ts";
import type { Decision, HostPolicy, Stretch } from "../policy/types.ts";
import { meets, meetsAtLongest } from "./conditions.ts";
import { comesIn, decisionKey, duringName } from "./during.ts";
import { all, any, not } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { guards, narrowly } from "./matches.ts";
import { regionsOf } from "./otherwise.ts";
import { type Bucket, pack } from "./pack.ts";
import { apart, replyFor, replyName } from "./replies.ts";
import type { DesiredRule, Reply } from "./types.ts";
import {
  hostScope,
  namesOf,
  onHosts,
  refId,
  tokenGuard,
  withoutExceptions,
  type ZoneInput,
} from "./zoneInput.ts";

/** One condition on its way into a rule. */
interface Part {
  readonly decision: Decision;
  readonly host: HostDefinition;
  readonly kind: Kind;
  /** A ring; the names of several whose tokens are looked at together; `any.` and names where they make a choice. */
  readonly ring: string;
  readonly reply: Reply;
  /** What is asked, as a text that no rotation changes. */
  readonly asks: string;
  /** What is refused of the matching requests; empty for all of them. */
  readonly refuses: string;
  /** The longest that `refuses` gets while the ring rotates. */
  readonly longest: string;
  /** What more specific rules take of the matching requests. */
  readonly taken: readonly Match[];
  /** See `Branch.yieldsTo`: taking theirs out would change nothing. */
  readonly yieldsTo: readonly string[];
}

/** What a part checks, in the order in which its answers go before each other. */
type Kind = "token" | "claims" | "link" | "where";

/** Where a problem with it is shown. */
const PLACE: Readonly<Record<Kind, keyof RulePositions>> = {
  token: "match",
  claims: "require",
  link: "require",
  where: "require",
};

/** The segment of a `ref` that says what is refused. */
const KIND_NAME: Readonly<Record<Kind, string>> = {
  token: "401",
  claims: "403",
  link: "link",
  where: "where",
};

/** The rules that guard hosts: requirements packed by host, kind, ring, mode and its time; then raw expressions, each by itself. */
export function guardRules(input: ZoneInput): DesiredRule[] {
  return [...input.policies.flatMap((stretches) => packedRules(input, stretches)), ...expressionRules(input)];
}

/**
 * What a decision refuses, in parts by kind: for each ring who has no token of it, and whose token does not say enough;
 * for each choice who brings none of what it names, and who brings it and meets no alternative whole.
 */
function partsOf(
  input: ZoneInput,
  { host }: HostPolicy,
  decision: Decision,
  others: readonly Decision[],
): Part[] {
  const conditions = conditionsOf(decision.rule.require);
  // Another path of the same rule refuses the same.
  const takers = others.filter(({ rule }) => rule !== decision.rule);
  const part = (kind: Kind, asked: readonly Condition[], needed: readonly Condition[] = asked): Part => {
    // Where a more specific rule acts the same way and refuses all that is refused here, nothing need be taken out.
    const reply = replyFor(host, decision.rule, kind);
    const isAlike = (taker: Decision) =>
      taker.mode === decision.mode &&
      asksAllOf(taker, asked) &&
      isSameReply(replyFor(host, taker.rule, kind), reply);
    const refused = (met: string | undefined) => (met === undefined ? "" : not(met));
    // A token alone is asked for once for all parts of a rule.
    const [only] = needed;
    const isToken = only?.kind === "token" && needed.length === 1;
    const isChoice = kind !== "claims" && needed.some((condition) => condition.kind === "any");
    const rings = [...new Set(asked.flatMap(ringsOfCondition))].sort().join("+");
    return {
      decision,
      host,
      kind,
      reply,
      ring: isChoice ? ["any", rings].filter((each) => each !== "").join(".") : rings,
      asks: asked.map(keyOf).sort().join("\n"),
      refuses: isToken ? "" : refused(meets(input, host, needed)),
      longest: isToken ? "" : refused(meetsAtLongest(input, host, needed)),
      taken: takers.filter((taker) => !isAlike(taker)).map(({ match }) => match),
      yieldsTo: takers.filter(isAlike).map(endpointOf),
    };
  };
  const claims = Map.groupBy(
    conditions.filter((condition) => !bringsSomething(condition)),
    (condition) => ringsOfCondition(condition).join("+"),
  );
  return [
    ...conditions.filter(bringsSomething).flatMap((condition) => {
      const needed = brought([condition]);
      const [only] = needed;
      const isWhole = needed.length === 1 && only !== undefined && keyOf(only) === keyOf(condition);
      return [
        ...(needed.length === 0 ? [] : [part(kindOf(needed), [condition], needed)]),
        ...(isWhole ? [] : [part("claims", [condition])]),
      ];
    }),
    ...[...claims.values()].map((some) => part("claims", some)),
  ];
}

function isSameReply(a: Reply, b: Reply): boolean {
  return a.status_code === b.status_code && a.content_type === b.content_type && a.content === b.content;
}

/** What is answered to who brings none of it: a token is asked for wherever one would do. */
function kindOf(conditions: readonly Condition[]): "token" | "link" | "where" {
  const asks = (kind: "token" | "link", condition: Condition): boolean =>
    condition.kind === "any" ? condition.of.flat().some((each) => asks(kind, each)) : condition.kind === kind;
  const kinds = ["token", "link"] as const;
  return kinds.find((kind) => conditions.some((condition) => asks(kind, condition))) ?? "where";
}

/** Whether a more specific rule asks for all of this too, and so refuses whoever it refuses. */
function asksAllOf({ rule }: Decision, conditions: readonly Condition[]): boolean {
  const has = new Set(conditionsOf(rule.require).map(keyOf));
  return conditions.every((condition) => has.has(keyOf(condition)));
}

function packedRules(input: ZoneInput, stretches: readonly Stretch[]): DesiredRule[] {
  const host = stretches[0]?.policy.host.host ?? "";
  const parts = overTime(stretches, ({ policy }) => policyParts(input, policy), partKey);
  const limit = limitOf(input.zone, "expressionLength");
  const fits = (some: readonly Timed<Part>[], where?: string) =>
    leastLength(some, limit) <= limit && realLength(bucketExpression(input, some, "longest", where)) <= limit;
  return (Object.keys(KIND_NAME) as Kind[]).flatMap((kind) =>
    groupBy(
      parts.filter((part) => part.kind === kind),
      ({ ring, decision, reply, during }) =>
        `${ring === "" ? "" : `${ring}/`}${decision.stated}${replyName(reply, kind)}${duringName(during)}`,
    ).flatMap(([group, members]) =>
      packedByRule(members, fits).flatMap(({ items, prefix }) => {
        const name = `${host}/${KIND_NAME[kind]}/${group}/${prefix}`;
        const [only] = items;
        if (only === undefined || items.length > 1 || only.taken.length === 0 || fits(items))
          return ruleOf(input, items, name);
        // Too much is taken out for one rule: one for each region of the paths.
        return regionsOf(only.taken, ({ where, matches }) =>
          fits([{ ...only, taken: matches }], where),
        ).flatMap(([region, { where, matches }]) =>
          ruleOf(input, [{ ...only, taken: matches }], `${name}/${region}`, where),
        );
      }),
    ),
  );
}

function policyParts(input: ZoneInput, policy: HostPolicy): Part[] {
  const takers = takersOf(policy.decisions);
  return [
    ...policy.decisions.flatMap((decision) => partsOf(input, policy, decision, takers(decision))),
    ...policy.always.flatMap((decision) => partsOf(input, policy, decision, [])),
  ];
}

/** Equal for parts of two stretches that make the same of one rule. */
function partKey({ decision, kind, ring, refuses, taken, yieldsTo }: Part): string {
  const matches = taken.map(({ methods, path }) => [methods, path.text]);
  return JSON.stringify([decisionKey(decision), kind, ring, refuses, matches, yieldsTo]);
}

/** Buckets of parts. Those of one rule stay together where they fit: what they refuse then stands there once. */
function packedByRule(
  parts: readonly Timed<Part>[],
  fits: (some: readonly Timed<Part>[]) => boolean,
): Bucket<Timed<Part>>[] {
  const rules = [...Map.groupBy(parts, ({ decision }) => decision.rule).values()];
  const nameOf = (prefix: string) => (prefix === "" ? "all" : prefix);
  return pack(
    rules,
    ([part]) => (part === undefined ? "" : refId(part.decision.rule)),
    (some) => fits(some.flat()),
    // Who is told apart by what a token says stands with the others that must say the same, so that it stands there once.
    ([part]) => (part?.kind === "claims" ? part.asks : ""),
  ).flatMap(({ items, prefix }) => {
    const members = items.flat();
    if (items.length > 1 || members.length === 1 || fits(members))
      return [{ prefix: nameOf(prefix), items: members }];
    // Of one path a rule may refuse in two ways.
    const own = members.map((part, index) => ({
      part,
      key: `${part.decision.match.path.text} ${members.slice(0, index).filter(({ decision }) => decision === part.decision).length}`,
    }));
    return pack(
      own,
      ({ key }) => key,
      (some) => fits(some.map(({ part }) => part)),
    ).map((bucket) => ({
      prefix: `${nameOf(prefix)}/${nameOf(bucket.prefix)}`,
      items: bucket.items.map(({ part }) => part),
    }));
  });
}

/** Less than an expression of the parts has, or any number over the limit: each path stands in it. */
function leastLength(parts: readonly Part[], limit: number): number {
  const seen = new Set<string>();
  let length = 0;
  for (const { decision } of parts) {
    const { text } = decision.match.path;
    const literal = text.replaceAll(/\{[^{}]*\}|\*/g, "").toLowerCase();
    if (!seen.has(literal)) length += literal.length;
    seen.add(literal);
    if (length > limit) break;
  }
  return length;
}

/** Raw expressions, each by itself and in the order that `before` and `after` ask for. */
function expressionRules(input: ZoneInput): DesiredRule[] {
  const conditions = input.policies.flatMap((stretches) =>
    overTime(
      stretches,
      ({ policy: { host, conditions: own } }) => own.map((decision) => ({ host, ...decision })),
      decisionKey,
    ),
  );
  const { sorted } = orderRules([...new Set(conditions.map(({ rule }) => rule))]);
  return sorted.flatMap((rule) =>
    apart(
      conditions.filter((each) => each.rule === rule),
      "expression",
    ).flatMap((some) => {
      const [first] = some;
      const reply = replyFor(first.host, rule, "expression");
      const scope = onHosts(some, ({ host, matches }) => all(withoutExceptions(host), guards(matches)));
      const expression = all(scope, comesIn(first.during), `(${rule.expression})`);
      return makeRule(input, {
        name: `${refId(rule)}/expression${replyName(reply, "expression")}${duringName(first.during)}`,
        mode: first.mode,
        reply,
        description: `${namesOf(some)} expression: ${rule.id}`,
        expression,
        branches: [{ ruleId: rule.id, expression }],
        at: rule.at.expression,
      });
    }),
  );
}

/** The host, then what parts share, then each group of matches with what is refused of them. */
function bucketExpression(
  input: ZoneInput,
  parts: readonly Timed<Part>[],
  member: "refuses" | "longest" = "refuses",
  where?: string,
): string {
  const first = parts[0];
  if (first === undefined) return "";
  const token =
    first.kind === "token" && first.refuses === ""
      ? not(tokenGuard(input, first.host, input.rings.get(first.ring) as JwtRing))
      : undefined;
  const conditions = groupBy(parts, (part) => `${part[member]}\n${takenOut(part)}`).map(([, some]) =>
    all(guards(some.map(({ decision }) => decision.match)), some[0] && takenOut(some[0]), some[0]?.[member]),
  );
  return all(
    hostScope(first.host),
    comesIn(first.during),
    token,
    where,
    conditions.includes("") ? undefined : any(conditions),
  );
}

/** What is left of the matching requests. */
function takenOut({ taken }: Part): string {
  return taken.length === 0 ? "" : not(narrowly(taken));
}

/** One rule from parts of one host, kind, ring, mode and time. */
function ruleOf(
  input: ZoneInput,
  parts: readonly Timed<Part>[],
  name: string,
  where?: string,
): DesiredRule[] {
  const first = parts[0];
  if (first === undefined) return [];
  const ids = [...new Set(parts.map(({ decision }) => decision.rule.id))];
  return makeRule(input, {
    name,
    mode: first.decision.mode,
    reply: first.reply,
    description: `${first.host.host} ${KIND_NAME[first.kind]}${first.ring === "" ? "" : ` ${first.ring}`}: ${ids.join(", ")}`,
    expression: bucketExpression(input, parts, "refuses", where),
    branches: parts.map((part) => ({
      ruleId: part.decision.rule.id,
      endpoint: endpointOf(part.decision),
      // Only who asks what decided needs it.
      get expression() {
        return bucketExpression(input, [part], "refuses", where);
      },
      ...(part.yieldsTo.length === 0 ? {} : { yieldsTo: part.yieldsTo }),
    })),
    at: first.decision.rule.at[PLACE[first.kind]],
  });
}

function endpointOf({ rule, match }: Decision): string {
  return `${rule.id} ${match.path.text}`;
}

/** Groups in the order of their names. */
function groupBy<T>(items: readonly T[], name: (item: T) => string): (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(items, name)].sort(([a], [b]) => (a < b ? -1 : 1));
}
