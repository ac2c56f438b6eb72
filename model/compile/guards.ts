import { orderedIds, orderRules } from "../definition/order.ts";
import { ringsAsked } from "../definition/ringsAsked.ts";
import type { HmacRing, HostDefinition, JwtRing, Rule, RulePositions } from "../definition/types.ts";
import { limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import { effectiveMode } from "./effects.ts";
import { all, any, hasClaim, hasScope, linkIsValid, not } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { guards } from "./matches.ts";
import { pack } from "./pack.ts";
import { replies } from "./replies.ts";
import type { DesiredRule, Reply } from "./types.ts";
import { hostScope, refId, stateOf, statesOf, tokenGuard, type ZoneInput } from "./zoneInput.ts";

/** Link secrets that a rule has room for: two in an overlap, one more in an emergency. */
const SECRETS_AT_ONCE = 3;

/** One condition on its way into a rule. */
interface Part {
  readonly rule: Rule;
  readonly host: HostDefinition;
  readonly kind: Kind;
  readonly ring: string;
  /** What is refused of the matching requests; empty for all of them. */
  readonly refuses: string;
  /** The longest that `refuses` gets while the ring rotates. */
  readonly longest: string;
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

/**
 * The rules that guard hosts: packed by host, kind, ring and mode; then, each by itself, those with an order and
 * raw expressions.
 */
export function guardRules(input: ZoneInput): DesiredRule[] {
  const alone = aloneIds(input);
  return [...input.hosts.flatMap((host) => packedRules(input, host, alone)), ...separateRules(input, alone)];
}

/** Rules that are not packed: those with an order, and raw expressions. */
function aloneIds(input: ZoneInput): ReadonlySet<string> {
  const rules = input.hosts.flatMap((host) => host.rules);
  return new Set([
    ...orderedIds(rules),
    ...rules.filter((rule) => rule.expression !== undefined).map((rule) => rule.id),
  ]);
}

function partsOf(input: ZoneInput, host: HostDefinition, rule: Rule): Part[] {
  const part = (kind: Kind, ring: string, refuses = "", longest = refuses): Part => ({
    rule,
    host,
    kind,
    ring,
    refuses,
    longest,
  });
  const parts: Part[] = [];
  const { require, expression } = rule;
  if (expression !== undefined) parts.push(part("expression", "", `(${expression})`));
  switch (require?.kind) {
    case undefined:
      break;
    case "link": {
      const ring = input.rings.get(require.ring) as HmacRing;
      const names = stateOf(input, ring.id).keys.map((key) => key.name);
      const spare = Array.from(
        { length: Math.max(SECRETS_AT_ONCE - names.length, 0) },
        (_, index) => `spare${index}`,
      );
      parts.push(part("link", ring.id, noneValid(ring, names), noneValid(ring, [...names, ...spare])));
      break;
    }
    case "token": {
      const ring = input.rings.get(require.ring) as JwtRing;
      parts.push(part("token", ring.id));
      const needed = [
        ...require.scopes.map((scope) => hasScope(ring, scope)),
        ...require.claims.map((claim) => hasClaim(ring.id, claim)),
      ];
      if (needed.length > 0) parts.push(part("claims", ring.id, not(all(...needed))));
      break;
    }
    default:
      // A requirement of a new kind must not become no rule.
      require satisfies never;
  }
  return parts;
}

/** No secret of the ring made the link; without any secret no link is valid. */
function noneValid(ring: HmacRing, keys: readonly string[]): string {
  return keys.length === 0 ? "" : not(linkIsValid(ring, keys));
}

function packedRules(input: ZoneInput, host: HostDefinition, alone: ReadonlySet<string>): DesiredRule[] {
  const parts = host.rules
    .filter((rule) => !alone.has(rule.id))
    .flatMap((rule) => partsOf(input, host, rule));
  const limit = limitOf(input.zone, "expressionLength");
  return (Object.keys(KIND_NAME) as Kind[]).flatMap((kind) =>
    groupBy(
      parts.filter((part) => part.kind === kind),
      (part) => `${part.ring}/${part.rule.mode}`,
    ).flatMap(([group, members]) =>
      pack(
        members,
        (part) => refId(part.rule),
        (some) => realLength(bucketExpression(input, some, "longest")) <= limit,
      ).flatMap((bucket) =>
        ruleOf(
          input,
          bucket.items,
          `${host.host}/${KIND_NAME[kind]}/${group}/${bucket.prefix === "" ? "all" : bucket.prefix}`,
        ),
      ),
    ),
  );
}

/** Rules outside buckets, each by itself and in the order that `before` and `after` ask for. */
function separateRules(input: ZoneInput, alone: ReadonlySet<string>): DesiredRule[] {
  const hostOf = new Map(input.hosts.flatMap((host) => host.rules.map((rule) => [rule.id, host] as const)));
  const { sorted } = orderRules(
    input.hosts.flatMap((host) => host.rules).filter((rule) => alone.has(rule.id)),
  );
  return sorted.flatMap((rule) => {
    const host = hostOf.get(rule.id);
    if (host === undefined) return [];
    return partsOf(input, host, rule).flatMap((part) =>
      ruleOf(input, [part], `${refId(rule)}/${KIND_NAME[part.kind]}`),
    );
  });
}

/** The host, then what parts share, then each group of matches with what is refused of them. */
function bucketExpression(
  input: ZoneInput,
  parts: readonly Part[],
  member: "refuses" | "longest" = "refuses",
): string {
  const first = parts[0];
  if (first === undefined) return "";
  const token =
    first.kind === "token"
      ? not(tokenGuard(input, first.host, input.rings.get(first.ring) as JwtRing))
      : undefined;
  const conditions = groupBy(parts, (part) => part[member]).map(([refuses, some]) =>
    all(guards(some.map((part) => part.rule.match)), refuses),
  );
  return all(hostScope(first.host), token, conditions.includes("") ? undefined : any(conditions));
}

/** One rule from parts of one host, kind, ring and mode. None when the mode is `off`. */
function ruleOf(input: ZoneInput, parts: readonly Part[], name: string): DesiredRule[] {
  const first = parts[0];
  if (first === undefined) return [];
  const { require, expression } = first.rule;
  const asked = ringsAsked(first.kind === "expression" ? { expression } : { require });
  const mode = effectiveMode(first.rule.mode, input.environment, statesOf(input, asked));
  const ids = parts.map((part) => part.rule.id);
  return makeRule(input, {
    name,
    mode,
    reply: REPLY[first.kind],
    description: `${first.host.host} ${KIND_NAME[first.kind]}${first.ring === "" ? "" : ` ${first.ring}`}: ${ids.join(", ")}`,
    expression: bucketExpression(input, parts),
    branches: parts.map((part) => ({ ruleId: part.rule.id, expression: bucketExpression(input, [part]) })),
    at: first.rule.at[PLACE[first.kind]],
  });
}

/** Groups in the order of their names. */
function groupBy<T>(items: readonly T[], name: (item: T) => string): (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
