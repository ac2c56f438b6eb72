import { type JwtRing, MODES, type RulePositions } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import { overTime, type Timed } from "../policy/overTime.ts";
import type { Stretch } from "../policy/types.ts";
import { comesIn, duringName } from "./during.ts";
import { expressionRules } from "./expressionRules.ts";
import { all, any, not } from "./expressions.ts";
import { endpointOf, type Kind, type Part, partKey, policyParts } from "./guardParts.ts";
import { makeRule } from "./makeRule.ts";
import { guards, narrowly } from "./matches.ts";
import { regionsOf } from "./otherwise.ts";
import { type Bucket, pack } from "./pack.ts";
import { replyName } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { hostScope, refId, tokenGuard, type ZoneInput } from "./zoneInput.ts";

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
    )
      .flatMap(([group, members]) => apartByMode(group, members))
      .flatMap(([group, members]) =>
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

/**
 * Parts that wait for a ring besides the one that they look at act less hard than stated. They stand apart from those that
 * act, which keep the name.
 */
function apartByMode(
  group: string,
  members: readonly Timed<Part>[],
): readonly (readonly [string, readonly Timed<Part>[]])[] {
  const byMode = Map.groupBy(members, ({ decision }) => decision.mode);
  const hardest = MODES.findLast((mode) => byMode.has(mode));
  return [...byMode].map(([mode, some]) => [mode === hardest ? group : `${group}/${mode}`, some] as const);
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

/** Groups in the order of their names. */
function groupBy<T>(items: readonly T[], name: (item: T) => string): (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(items, name)].sort(([a], [b]) => (a < b ? -1 : 1));
}
