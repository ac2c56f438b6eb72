import { orderedIds, orderRules } from "../definition/order.ts";
import type {
  Environment,
  HmacRing,
  HostDefinition,
  JwtRing,
  Mode,
  Ring,
  Rule,
  Zone,
} from "../definition/types.ts";
import { hasFeature, limitOf } from "../facts/limits.ts";
import { realLength, ringsIn } from "../facts/placeholders.ts";
import type { Position } from "../problem/problem.ts";
import { ambiguous } from "./ambiguity.ts";
import { effectiveMode, effectOf, weaker } from "./effects.ts";
import {
  all,
  any,
  characteristic,
  excepts,
  guards,
  hasClaim,
  hasScope,
  hostIs,
  linkIsValid,
  not,
  PREFLIGHT,
  tokenIsValid,
} from "./expressions.ts";
import { pack } from "./pack.ts";
import { replies } from "./replies.ts";
import type { Branch, DesiredRule, Reply, RingState, RingStates } from "./types.ts";

/** What the rules of one zone are made from. */
export interface ZoneInput {
  readonly zone: Zone;
  readonly hosts: readonly HostDefinition[];
  readonly rings: ReadonlyMap<string, Ring>;
  readonly environment: Environment;
  readonly states: RingStates;
}

/** Link secrets that a rule has room for: two in an overlap, one more in an emergency. */
const SECRETS_AT_ONCE = 3;

const NO_KEYS: RingState = { active: false, everBlocked: false, keys: [] };

/** One condition on its way into a rule. */
interface Part {
  readonly rule: Rule;
  readonly host: HostDefinition;
  readonly kind: Kind;
  readonly ring: string;
  /** The condition inside the bucket; empty when every request of the host is meant. */
  readonly inner: string;
  /** The longest that `inner` gets while the ring rotates. */
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

/** The segment of a `ref` that says what is refused. */
const KIND_NAME: Readonly<Record<Kind, string>> = {
  token: "401",
  claims: "403",
  link: "link",
  expression: "expression",
};

export function stateOf(input: ZoneInput, ring: string): RingState {
  return input.states[ring] ?? NO_KEYS;
}

/** Rules of the custom phase that guard hosts: ambiguous requests, packed guards, ordered rules, `otherwise`. */
export function guardRules(input: ZoneInput): DesiredRule[] {
  const alone = aloneIds(input);
  return [
    ...input.hosts.flatMap((host) => ambiguousRule(input, host)),
    ...input.hosts.flatMap((host) => packedRules(input, host, alone)),
    ...separateRules(input, alone),
    ...input.hosts.flatMap((host) => otherwiseRule(input, host)),
  ];
}

/** Rules that are not packed: those with an order, and raw expressions. */
function aloneIds(input: ZoneInput): ReadonlySet<string> {
  const rules = input.hosts.flatMap((host) => host.rules);
  return new Set([
    ...orderedIds(rules),
    ...rules.filter((rule) => rule.expression !== undefined).map((rule) => rule.id),
  ]);
}

/** The host, without its exceptions and real preflights. */
export function hostScope(host: HostDefinition): string {
  const exceptions = host.exceptions.map((exception) => excepts(exception.match));
  return all(
    hostIs(host.host),
    host.preflight ? not(PREFLIGHT) : undefined,
    exceptions.length > 0 ? not(any(exceptions)) : undefined,
  );
}

function partsOf(input: ZoneInput, host: HostDefinition, rule: Rule): Part[] {
  const matched = guards(rule.match);
  const part = (kind: Kind, ring: string, condition?: string, longest = condition): Part => ({
    rule,
    host,
    kind,
    ring,
    inner: all(matched, condition),
    longest: all(matched, longest),
  });
  const parts: Part[] = [];
  const { require, expression } = rule;
  if (expression !== undefined) parts.push(part("expression", "", `(${expression})`));
  if (require?.kind === "link") {
    const ring = input.rings.get(require.ring) as HmacRing;
    const names = stateOf(input, ring.id).keys.map((key) => key.name);
    const spare = Array.from(
      { length: Math.max(SECRETS_AT_ONCE - names.length, 0) },
      (_, index) => `spare${index}`,
    );
    parts.push(part("link", ring.id, noneValid(ring, names), noneValid(ring, [...names, ...spare])));
  }
  if (require?.kind === "token") {
    const ring = input.rings.get(require.ring) as JwtRing;
    parts.push(part("token", ring.id));
    const needed = [
      ...require.scopes.map((scope) => hasScope(ring, scope)),
      ...require.claims.map((claim) => hasClaim(ring.id, claim)),
    ];
    if (needed.length > 0) parts.push(part("claims", ring.id, not(all(...needed))));
  }
  return parts;
}

/** No secret of the ring made the link; without any secret no link is valid. */
function noneValid(ring: HmacRing, keys: readonly string[]): string | undefined {
  return keys.length === 0 ? undefined : not(any(keys.map((key) => linkIsValid(ring, key))));
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

/** The id that a rule had first: renaming keeps its `ref` and its bucket. */
export function refId(rule: Rule): string {
  return rule.was ?? rule.id;
}

function bucketExpression(
  input: ZoneInput,
  parts: readonly Part[],
  member: "inner" | "longest" = "inner",
): string {
  const first = parts[0];
  if (first === undefined) return "";
  const inner = parts.map((part) => part[member]);
  const token =
    first.kind === "token" ? not(tokenIsValid(input.rings.get(first.ring) as JwtRing)) : undefined;
  return all(hostScope(first.host), token, inner.includes("") ? undefined : any(inner));
}

/** One rule from parts of one host, kind, ring and mode. None when the mode is `off`. */
function ruleOf(input: ZoneInput, parts: readonly Part[], name: string): DesiredRule[] {
  const first = parts[0];
  if (first === undefined) return [];
  const mode = effectiveMode(
    first.rule.mode,
    input.environment,
    first.ring === "" ? "no ring" : stateOf(input, first.ring),
  );
  const ids = parts.map((part) => part.rule.id);
  return makeRule(input, {
    name,
    mode,
    reply: REPLY[first.kind],
    description: `${first.host.host} ${KIND_NAME[first.kind]}${first.ring === "" ? "" : ` ${first.ring}`}: ${ids.join(", ")}`,
    expression: bucketExpression(input, parts),
    branches: parts.map((part) => ({ ruleId: part.rule.id, expression: bucketExpression(input, [part]) })),
    at: placeOf(first),
  });
}

function placeOf(part: Part): Position {
  const { at } = part.rule;
  return part.kind === "expression" ? at.expression : part.kind === "token" ? at.match : at.require;
}

interface RuleDraft {
  readonly name: string;
  readonly mode: Mode;
  readonly reply: Reply;
  readonly description: string;
  readonly expression: string;
  readonly branches: readonly Branch[];
  readonly at: Position;
  readonly ratelimit?: DesiredRule["ratelimit"];
}

/** Longest description of a rule; what is longer is cut, since Cloudflare states no limit for it. */
const DESCRIPTION_LENGTH = 200;

/** Gives a draft its action, reply and `ref`. */
export function makeRule(input: ZoneInput, draft: RuleDraft): DesiredRule[] {
  const effect = effectOf(draft.mode, input.zone);
  if (effect === undefined) return [];
  const replies = effect.action === "block" && hasFeature(input.zone, "customResponse");
  const text = `keyturn ${draft.description}`;
  const quoted = [draft.expression, ...(draft.ratelimit?.characteristics ?? [])].join(" ");
  return [
    {
      ref: `keyturn:${input.environment.stack}:${draft.name}`,
      description: text.length <= DESCRIPTION_LENGTH ? text : `${text.slice(0, DESCRIPTION_LENGTH - 3)}...`,
      expression: draft.expression,
      action: effect.action,
      ...(replies ? { action_parameters: { response: draft.reply } } : {}),
      ...(draft.ratelimit === undefined ? {} : { ratelimit: draft.ratelimit }),
      enabled: effect.enabled,
      rings: ringsIn(quoted),
      branches: draft.branches,
      at: draft.at,
    },
  ];
}

function ambiguousRule(input: ZoneInput, host: HostDefinition): DesiredRule[] {
  const modes = host.rules.map((rule) => guardMode(input, rule));
  const guarded = modes.some((mode) => mode !== "off") || host.otherwise === "deny";
  if (!guarded) return [];
  // While nothing on the host refuses, a trick gets around nothing.
  const refusing =
    host.otherwise === "deny" || modes.some((mode) => mode === "block" || mode === "challenge");
  const expression = ambiguous(host, input.rings);
  return makeRule(input, {
    name: `${host.host}/ambiguous`,
    mode: weaker(effectiveMode(host.mode, input.environment, "no ring"), refusing ? "block" : "log"),
    reply: replies.ambiguous,
    description: `${host.host}: requests that can be read in more than one way`,
    expression,
    branches: [{ ruleId: "ambiguous", expression }],
    at: host.at,
  });
}

function guardMode(input: ZoneInput, rule: Rule): Mode {
  const ring = rule.require?.ring;
  return effectiveMode(rule.mode, input.environment, ring === undefined ? "no ring" : stateOf(input, ring));
}

function otherwiseRule(input: ZoneInput, host: HostDefinition): DesiredRule[] {
  if (host.otherwise === "allow") return [];
  // A rule that is off guards nothing, so it lists nothing either.
  const listed = host.rules.filter((rule) => rule.mode !== "off").map((rule) => guards(rule.match));
  if (listed.includes(undefined)) return [];
  const expression = all(hostScope(host), listed.length === 0 ? undefined : not(any(listed as string[])));
  return makeRule(input, {
    name: `${host.host}/otherwise`,
    mode: effectiveMode(host.mode, input.environment, "no ring"),
    reply: replies.notListed,
    description: `${host.host}: what no rule and no exception lists`,
    expression,
    branches: [{ ruleId: "otherwise", expression }],
    at: host.at,
  });
}

/** Rules of the rate limiting phase, by id. A limit per claim counts only requests whose token is valid. */
export function rateLimitRules(input: ZoneInput): DesiredRule[] {
  const limited = input.hosts.flatMap((host) => host.rules.map((rule) => ({ host, rule })));
  return limited
    .sort((a, b) => (refId(a.rule) < refId(b.rule) ? -1 : 1))
    .flatMap(({ host, rule }) => {
      const { rateLimit } = rule;
      if (rateLimit === undefined) return [];
      const { per } = rateLimit;
      const ringId = per.kind === "claim" ? per.ring : rule.require?.ring;
      const ring = per.kind === "claim" ? (input.rings.get(per.ring) as JwtRing) : undefined;
      const mode = effectiveMode(
        rateLimit.mode,
        input.environment,
        ringId === undefined ? "no ring" : stateOf(input, ringId),
      );
      const expression = all(
        hostScope(host),
        guards(rule.match),
        ring === undefined ? undefined : tokenIsValid(ring),
      );
      // Below Enterprise a challenge must come without a mitigation time: a passed challenge resets the counter.
      const mitigation = mode === "challenge" && input.zone.plan !== "enterprise" ? 0 : rateLimit.mitigation;
      return makeRule(input, {
        name: `rate/${refId(rule)}`,
        mode,
        reply: replies.tooMany,
        description: `${host.host} rate limit: ${rule.id}`,
        expression,
        branches: [{ ruleId: rule.id, expression }],
        ratelimit: {
          characteristics: ["cf.colo.id", characteristic(per)],
          period: rateLimit.every,
          requests_per_period: rateLimit.requests,
          mitigation_timeout: mitigation,
        },
        at: rule.at.rateLimit,
      });
    });
}

/** Groups in the order of their names. */
function groupBy<T>(items: readonly T[], name: (item: T) => string): (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
