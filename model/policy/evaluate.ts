import type { Mode, ScopeShape } from "../definition/types.ts";
import type { Reason } from "../facts/answers.ts";
import { ambiguityOf, isNamed, isSent, isSpelled } from "./ambiguous.ts";
import { answerOf } from "./answers.ts";
import { hasClaim } from "./claimTests.ts";
import { brought, type Condition, conditionsOf, keyOf } from "./conditions.ts";
import { isAsHard } from "./policy.ts";
import { isMatched, isMatchedExactly } from "./readings.ts";
import type { Decision, HostPolicy } from "./types.ts";

type Claims = Readonly<Record<string, unknown>>;

/** A request as far as policies speak of it. */
export interface PolicyRequest {
  readonly host: string;
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /**
   * What valid tokens say, by ring: signed by a key that Cloudflare holds, in time, for the ring's issuer and audience,
   * with `exp`, and in a place that the host has for the ring.
   */
  readonly tokens?: Readonly<Record<string, Claims>>;
  /** Rings of valid links. */
  readonly links?: readonly string[];
}

/** One answer that a policy gives to a request instead of the origin's. */
export interface Refusal {
  /** A challenge has the status of its page. */
  readonly status: number;
  /** A rule's id, or for what a host brings by itself: `ambiguous`, `otherwise`. */
  readonly by: string;
}

/** What a policy wants for a request. */
export interface Verdict {
  /** Any of these is the answer; without any the origin's is. */
  readonly refusals: readonly Refusal[];
  /** What is answered where an expression holds, which is for Cloudflare's language to say. */
  readonly conditional: readonly { readonly expression: string; readonly refusal: Refusal }[];
  /** The rule that decides; several where readings of the request differ, or where one only logs. */
  readonly decides: readonly Decision[];
  /** Rules that match and are passed over, since a more specific one decides. */
  readonly passedOver: readonly Decision[];
  /** Rules under `always` that hold besides. */
  readonly besides: readonly Decision[];
  /** Limits that count the request where nothing refuses it; one by a claim only with a valid token. */
  readonly counts: readonly Decision[];
  /** What lets the request by without a look at rules: an exception's id, or `cors` for a preflight. */
  readonly opened: string | undefined;
}

const NOTHING: Verdict = {
  refusals: [],
  conditional: [],
  decides: [],
  passedOver: [],
  besides: [],
  counts: [],
  opened: undefined,
};

/**
 * What a host's policy wants for a request: the reference for every way of enforcing it; nothing for a request to
 * another host. The canary path, which rings
 * answer themselves, is not spoken of, nor how often a limit was used.
 */
export function evaluate(policy: HostPolicy, request: PolicyRequest): Verdict {
  const { method, path } = request;
  const isOwn = isNamed(policy.host, request.host);
  if (!isOwn && !isSpelled(policy.host, request.host)) return NOTHING;
  if (ambiguityOf(policy, request) !== undefined) {
    const refusals = acting(policy.ambiguous, {
      status: answerOf(policy.host, undefined, "ambiguous").status,
      by: "ambiguous",
    });
    // Where it only logs, no guard does more, and one of another host's name does not even match.
    if (refusals.length > 0 || !isOwn) return { ...NOTHING, refusals };
  }
  const opened = openedBy(policy, request);
  if (opened !== undefined) return { ...NOTHING, opened };
  const matching = (some: readonly Decision[]) => some.filter(({ match }) => isMatched(match, method, path));
  const candidates = matching(policy.decisions);
  const isTaken = ({ mode }: Decision, place: number) =>
    candidates
      .slice(0, place)
      .some((other) => isAsHard(other.mode, mode) && isMatchedExactly(other.match, method, path));
  const decides = oncePerRule(candidates.filter((decision, place) => !isTaken(decision, place)));
  const besides = oncePerRule(matching(policy.always));
  const answers = [...decides, ...besides].map((decision) => answersOf(decision, policy, request));
  const refusals = answers.flatMap((each) => each.refusals);
  if (candidates.length === 0 && policy.otherwise !== undefined)
    refusals.push(
      ...acting(policy.otherwise, {
        status: answerOf(policy.host, undefined, "unlisted").status,
        by: "otherwise",
      }),
    );
  return {
    refusals,
    conditional: [
      ...answers.flatMap((each) => each.conditional),
      ...oncePerRule(matching(policy.conditions)).flatMap(({ rule, mode }) =>
        acting(mode, { status: answerOf(policy.host, rule, "expression").status, by: rule.id }).map(
          (refusal) => ({
            expression: rule.expression ?? "",
            refusal,
          }),
        ),
      ),
    ],
    decides,
    passedOver: oncePerRule(candidates).filter(({ rule }) =>
      decides.every((other) => other.rule.id !== rule.id),
    ),
    besides,
    counts: oncePerRule(matching(policy.limits)),
    opened,
  };
}

/** Several paths of one rule may match a request; the rule says what it says once. */
function oncePerRule(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(
    ({ rule }, index) => decisions.findIndex((other) => other.rule.id === rule.id) === index,
  );
}

/** Characters that lead nowhere else (RFC 3986 section 3.3, without `;` and escapes). */
const PLAIN = /^[\w\-.~!$&'()*+,=:@/]*$/;
const DOTS = /\/\.{1,2}(?:\/|$)/;

/** What opens a request to which no rule is put: that it is a real CORS preflight (Fetch standard 3.2.2), or plainly an exception. */
function openedBy({ host }: HostPolicy, { method, path, headers = [] }: PolicyRequest): string | undefined {
  const has = (name: string) => headers.some(([each, value]) => each.toLowerCase() === name && value !== "");
  if (host.preflight && method === "OPTIONS" && has("origin") && has("access-control-request-method"))
    return "cors";
  if (!PLAIN.test(path) || DOTS.test(path)) return undefined;
  return host.exceptions.find(({ matches }) => matches.some((match) => isMatchedExactly(match, method, path)))
    ?.id;
}

/**
 * What a decision answers. Who has not brought what is needed is told so, with 401 where a token would do; then whether
 * it says enough is asked. What Cloudflare's language alone can tell leaves a refusal that holds on a condition.
 */
function answersOf({ rule, mode }: Decision, policy: HostPolicy, request: PolicyRequest): Answers {
  const conditions = conditionsOf(rule.require);
  const parts = conditions
    .flatMap((condition): { readonly reason: Reason; readonly met: Judgement }[] => {
      const needed = brought([condition]);
      const [only] = needed;
      const isWhole = needed.length === 1 && only !== undefined && keyOf(only) === keyOf(condition);
      return [
        ...(needed.length === 0 ? [] : [{ reason: reasonOf(needed), met: allOf(needed, policy, request) }]),
        ...(isWhole ? [] : [{ reason: "claims" as const, met: allOf([condition], policy, request) }]),
      ];
    })
    .sort((a, b) => IN_ORDER.indexOf(a.reason) - IN_ORDER.indexOf(b.reason));
  const refusal = (reason: Reason) =>
    acting(mode, { status: answerOf(policy.host, rule, reason).status, by: rule.id });
  // What is asked for first is answered first, where it is certain.
  const certain = parts.find(({ met }) => met === false);
  const before = certain === undefined ? parts : parts.slice(0, parts.indexOf(certain));
  const perhaps = before.filter(({ met }) => typeof met === "string");
  if (certain !== undefined)
    return { refusals: [certain, ...perhaps].flatMap(({ reason }) => refusal(reason)), conditional: [] };
  const conditional = perhaps.flatMap(({ met, reason }) =>
    refusal(reason).map((each) => ({ expression: `not (${met})`, refusal: each })),
  );
  return { refusals: [], conditional };
}

type Answers = Pick<Verdict, "refusals" | "conditional">;

/** Which answer goes before which. */
const IN_ORDER: readonly Reason[] = ["token", "claims", "link", "where"];

/** Why who brings none of it is refused: a token is asked for wherever one would do. */
function reasonOf(conditions: readonly Condition[]): Reason {
  const asks = (kind: Condition["kind"], condition: Condition): boolean =>
    condition.kind === "any" ? condition.of.flat().some((each) => asks(kind, each)) : condition.kind === kind;
  const reasons = ["token", "link"] as const;
  return reasons.find((kind) => conditions.some((condition) => asks(kind, condition))) ?? "where";
}

/** Which conditions of a decision's rule a request does not meet, whatever Cloudflare's language says. */
export function unmetOf(
  { rule: { require } }: Decision,
  policy: HostPolicy,
  request: PolicyRequest,
): readonly Condition[] {
  return conditionsOf(require).filter((condition) => judge(condition, policy, request) === false);
}

/** Whether a request meets all of the conditions; a text is the expression that tells. */
type Judgement = boolean | string;

function allOf(conditions: readonly Condition[], policy: HostPolicy, request: PolicyRequest): Judgement {
  return joined(
    conditions.map((condition) => judge(condition, policy, request)),
    "and",
  );
}

/** Whether a request meets a condition; a text is the expression that tells. */
export function judge(condition: Condition, policy: HostPolicy, request: PolicyRequest): Judgement {
  switch (condition.kind) {
    case "token":
      return request.tokens?.[condition.ring] !== undefined;
    case "absent": {
      const { ring } = condition;
      const places = policy.host.tokens.filter((use) => use.ring === ring).flatMap(({ sources }) => sources);
      return request.tokens?.[ring] === undefined && !isSent(request, places);
    }
    case "link":
      return request.links?.includes(condition.ring) ?? false;
    case "where":
      return condition.expression;
    case "scope": {
      const { ring, scope } = condition;
      return hasScope(request.tokens?.[ring] ?? {}, policy.scopes[ring], scope);
    }
    case "claim":
      return hasClaim(request.tokens?.[condition.ring] ?? {}, condition.claim);
    case "any":
      return joined(
        condition.of.map((each) => allOf(each, policy, request)),
        "or",
      );
  }
}

function joined(judgements: readonly Judgement[], word: "and" | "or"): Judgement {
  const decisive = word === "or";
  if (judgements.includes(decisive)) return decisive;
  const told = judgements.filter((each) => typeof each === "string");
  return told.length === 0 ? !decisive : told.map((each) => `(${each})`).join(` ${word} `);
}

function hasScope(claims: Claims, shape: ScopeShape | undefined, scope: string): boolean {
  const value = shape === undefined ? undefined : claims[shape.claim];
  if (shape?.as === "array") return Array.isArray(value) && value.slice(0, shape.length).includes(scope);
  return typeof value === "string" && value.split(" ").includes(scope);
}

/** How a refusal comes out in a mode; a challenge is answered with 403. */
export function acting(mode: Mode, refusal: Refusal): Refusal[] {
  if (mode === "block") return [refusal];
  return mode === "challenge" ? [{ ...refusal, status: 403 }] : [];
}
