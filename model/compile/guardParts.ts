import type { HostDefinition, Match } from "../definition/types.ts";
import {
  bringsSomething,
  brought,
  type Condition,
  conditionsOf,
  keyOf,
  ringsOfCondition,
} from "../policy/conditions.ts";
import { takersOf } from "../policy/takers.ts";
import type { Decision, HostPolicy } from "../policy/types.ts";
import { meets, meetsAtLongest } from "./conditions.ts";
import { decisionKey } from "./during.ts";
import { not } from "./expressions.ts";
import { replyFor } from "./replies.ts";
import type { Reply } from "./types.ts";
import type { ZoneInput } from "./zoneInput.ts";

/** One condition on its way into a rule. */
export interface Part {
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
export type Kind = "token" | "claims" | "link" | "where";

/** All that a policy refuses by what its rules require. */
export function policyParts(input: ZoneInput, policy: HostPolicy): Part[] {
  const takers = takersOf(policy.decisions);
  return [
    ...policy.decisions.flatMap((decision) => partsOf(input, policy, decision, takers(decision))),
    ...policy.always.flatMap((decision) => partsOf(input, policy, decision, [])),
  ];
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

/** Equal for parts of two stretches that make the same of one rule. */
export function partKey({ decision, kind, ring, refuses, taken, yieldsTo }: Part): string {
  const matches = taken.map(({ methods, path }) => [methods, path.text]);
  return JSON.stringify([decisionKey(decision), kind, ring, refuses, matches, yieldsTo]);
}

/** An endpoint by its rule and path. */
export function endpointOf({ rule, match }: Decision): string {
  return `${rule.id} ${match.path.text}`;
}
