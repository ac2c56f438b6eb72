import { orderRules } from "../definition/order.ts";
import type { HmacRing, HostDefinition, JwtRing, Match, RulePositions } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import { conditionsOf } from "../policy/findings.ts";
import { takersOf } from "../policy/takers.ts";
import type { Decision, HostPolicy } from "../policy/types.ts";
import { all, any, hasClaim, hasScope, linkIsValid, not } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { guards, narrowly } from "./matches.ts";
import { regionsOf } from "./otherwise.ts";
import { pack } from "./pack.ts";
import { replies } from "./replies.ts";
import type { DesiredRule, Reply } from "./types.ts";
import { hostScope, refId, stateOf, tokenGuard, type ZoneInput } from "./zoneInput.ts";

/** Link secrets that a rule has room for: two in an overlap, one more in an emergency. */
const SECRETS_AT_ONCE = 3;

/** One condition on its way into a rule. */
interface Part {
  readonly decision: Decision;
  readonly host: HostDefinition;
  readonly kind: Kind;
  readonly ring: string;
  /** What is refused of the matching requests; empty for all of them. */
  readonly refuses: string;
  /** The longest that `refuses` gets while the ring rotates. */
  readonly longest: string;
  /** What more specific rules take of the matching requests. */
  readonly taken: readonly Match[];
  /** More specific rules that refuse the same, so that taking theirs out would change nothing. */
  readonly yieldsTo: readonly string[];
}

/** What a part checks, in the order in which its answers go before each other. */
type Kind = "token" | "claims" | "link" | "expression";

const REPLY: Readonly<Record<Kind, Reply>> = {
  token: replies.invalidToken,
  claims: replies.insufficientScope,
  link: replies.invalidLink,
  expression: replies.forbidden,
};

/** Where a problem with it is shown. */
const PLACE: Readonly<Record<Kind, keyof RulePositions>> = {
  token: "match",
  claims: "require",
  link: "require",
  expression: "expression",
};

/** The segment of a `ref` that says what is refused. */
const KIND_NAME: Readonly<Record<Kind, string>> = {
  token: "401",
  claims: "403",
  link: "link",
  expression: "expression",
};

/** The rules that guard hosts: requirements packed by host, kind, ring and mode; then raw expressions, each by itself. */
export function guardRules(input: ZoneInput): DesiredRule[] {
  return [...input.policies.flatMap((policy) => packedRules(input, policy)), ...expressionRules(input)];
}

/** What a decision refuses, in parts by kind. */
function partsOf(
  input: ZoneInput,
  { host }: HostPolicy,
  decision: Decision,
  takers: readonly Decision[],
): Part[] {
  const { require } = decision.rule;
  const part = (kind: Kind, ring: string, refuses = "", longest = refuses): Part => {
    // Where a more specific rule acts the same way and refuses all that is refused here, nothing need be taken out.
    const isAlike = (taker: Decision) => taker.mode === decision.mode && refusesToo(taker, kind, decision);
    return {
      decision,
      host,
      kind,
      ring,
      refuses,
      longest,
      taken: takers.filter((taker) => !isAlike(taker)).map(({ match }) => match),
      yieldsTo: takers.filter(isAlike).map(({ rule }) => rule.id),
    };
  };
  switch (require?.kind) {
    case undefined:
    case "none":
      return [];
    case "link": {
      const ring = input.rings.get(require.ring) as HmacRing;
      const names = stateOf(input, ring.id).keys.map((key) => key.name);
      const spare = Array.from(
        { length: Math.max(SECRETS_AT_ONCE - names.length, 0) },
        (_, index) => `spare${index}`,
      );
      return [part("link", ring.id, noneValid(ring, names), noneValid(ring, [...names, ...spare]))];
    }
    case "token": {
      const ring = input.rings.get(require.ring) as JwtRing;
      const needed = [
        ...require.scopes.map((scope) => hasScope(ring, scope)),
        ...require.claims.map((claim) => hasClaim(ring.id, claim)),
      ];
      const claims = needed.length === 0 ? [] : [part("claims", ring.id, not(all(...needed)))];
      return [part("token", ring.id), ...claims];
    }
    default:
      // A requirement of a new kind must not become no rule.
      return require satisfies never;
  }
}

/** Whether a more specific rule has a part of the kind that refuses whatever a decision's refuses. */
function refusesToo({ rule }: Decision, kind: Kind, decision: Decision): boolean {
  const [has, needs] = [conditionsOf(rule.require), conditionsOf(decision.rule.require)];
  return (kind === "claims" ? needs : needs.slice(0, 1)).every((condition) => has.includes(condition));
}

/** No secret of the ring made the link; without any secret no link is valid. */
function noneValid(ring: HmacRing, keys: readonly string[]): string {
  return keys.length === 0 ? "" : not(linkIsValid(ring, keys));
}

function packedRules(input: ZoneInput, policy: HostPolicy): DesiredRule[] {
  const takers = takersOf(policy.decisions);
  const parts = [
    ...policy.decisions.flatMap((decision) => partsOf(input, policy, decision, takers(decision))),
    ...policy.always.flatMap((decision) => partsOf(input, policy, decision, [])),
  ];
  const limit = limitOf(input.zone, "expressionLength");
  const fits = (some: readonly Part[], where?: string) =>
    leastLength(some, limit) <= limit && realLength(bucketExpression(input, some, "longest", where)) <= limit;
  return (Object.keys(KIND_NAME) as Kind[]).flatMap((kind) =>
    groupBy(
      parts.filter((part) => part.kind === kind),
      (part) => `${part.ring}/${part.decision.rule.mode}`,
    ).flatMap(([group, members]) =>
      pack(
        members,
        (part) => refId(part.decision.rule),
        (some) => fits(some),
      ).flatMap(({ items, prefix }) => {
        const name = `${policy.host.host}/${KIND_NAME[kind]}/${group}/${prefix === "" ? "all" : prefix}`;
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
  const parts = input.policies.flatMap(({ host, conditions }) =>
    conditions.map((decision): Part => {
      const refuses = `(${decision.rule.expression})`;
      return {
        decision,
        host,
        kind: "expression",
        ring: "",
        refuses,
        longest: refuses,
        taken: [],
        yieldsTo: [],
      };
    }),
  );
  const { sorted } = orderRules(parts.map(({ decision }) => decision.rule));
  return sorted.flatMap((rule) =>
    parts
      .filter(({ decision }) => decision.rule === rule)
      .flatMap((part) => ruleOf(input, [part], `${refId(rule)}/${KIND_NAME[part.kind]}`)),
  );
}

/** The host, then what parts share, then each group of matches with what is refused of them. */
function bucketExpression(
  input: ZoneInput,
  parts: readonly Part[],
  member: "refuses" | "longest" = "refuses",
  where?: string,
): string {
  const first = parts[0];
  if (first === undefined) return "";
  const token =
    first.kind === "token"
      ? not(tokenGuard(input, first.host, input.rings.get(first.ring) as JwtRing))
      : undefined;
  const conditions = groupBy(parts, (part) => `${part[member]}\n${takenOut(part)}`).map(([, some]) =>
    all(guards(some.map(({ decision }) => decision.match)), some[0] && takenOut(some[0]), some[0]?.[member]),
  );
  return all(hostScope(first.host), token, where, conditions.includes("") ? undefined : any(conditions));
}

/** What is left of the matching requests. */
function takenOut({ taken }: Part): string {
  return taken.length === 0 ? "" : not(narrowly(taken));
}

/** One rule from parts of one host, kind, ring and mode. */
function ruleOf(input: ZoneInput, parts: readonly Part[], name: string, where?: string): DesiredRule[] {
  const first = parts[0];
  if (first === undefined) return [];
  const ids = [...new Set(parts.map(({ decision }) => decision.rule.id))];
  return makeRule(input, {
    name,
    mode: first.decision.mode,
    reply: REPLY[first.kind],
    description: `${first.host.host} ${KIND_NAME[first.kind]}${first.ring === "" ? "" : ` ${first.ring}`}: ${ids.join(", ")}`,
    expression: bucketExpression(input, parts, "refuses", where),
    branches: parts.map((part) => ({
      ruleId: part.decision.rule.id,
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
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(name(item));
    if (group === undefined) groups.set(name(item), [item]);
    else group.push(item);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
