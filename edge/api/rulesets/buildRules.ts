import type { RateLimitSpec, RulesetRule, World } from "../../world/types.ts";
import { problem, refuseIfAny } from "../errors.ts";
import type { SentRule } from "./sent.ts";

/** What a rule says, without what the API adds. */
export type RuleContent = Omit<RulesetRule, "id" | "version" | "ref" | "last_updated">;

/**
 * The rules of a ruleset after a write that states them all. A rule keeps its id if its `ref` existed
 * before, or if its `id` did and no other `ref` is given; a changed `ref` is a new rule. Its version and time
 * stay if nothing in it changed. Refuses a `ref` that occurs twice.
 */
export function buildRules(
  world: World,
  before: readonly RulesetRule[],
  sent: readonly SentRule[],
): readonly RulesetRule[] {
  const refs = new Set<string>();
  refuseIfAny(
    sent.flatMap(({ ref }, index) => {
      if (typeof ref !== "string") return [];
      if (refs.has(ref)) return [problem("doubledRef", { ref }, `/rules/${index}/ref`)];
      refs.add(ref);
      return [];
    }),
  );
  const free = new Map(before.map((rule) => [rule.id, rule]));
  const byRef = new Map(before.map((rule) => [rule.ref, rule]));
  return sent.map((rule) => {
    const named = typeof rule.ref === "string" ? byRef.get(rule.ref) : free.get(rule.id ?? "");
    const same = named !== undefined && free.delete(named.id) ? named : undefined;
    return same === undefined ? newRule(world, rule) : changedRule(world, same, rule);
  });
}

/** A rule that did not exist: version 1, and its id as `ref` unless one is given. */
export function newRule(world: World, sent: SentRule): RulesetRule {
  const id = world.id("hex32");
  return ordered({
    ...contentOf(sent),
    id,
    version: "1",
    ref: sent.ref ?? id,
    last_updated: world.timestamp(),
  });
}

/** `before` redefined by `sent`: what is left out goes back to its default. Another `ref` makes a new rule. */
export function changedRule(world: World, before: RulesetRule, sent: SentRule): RulesetRule {
  if (typeof sent.ref === "string" && sent.ref !== before.ref) return newRule(world, sent);
  const content = contentOf(sent);
  const ref = sent.ref ?? before.id;
  const after = ordered({
    ...content,
    id: before.id,
    version: before.version,
    ref,
    last_updated: before.last_updated,
  });
  if (JSON.stringify(after) === JSON.stringify(ordered(before))) return before;
  return { ...after, version: String(Number(before.version) + 1), last_updated: world.timestamp() };
}

/** The members in one order, so that equal rules have equal JSON. */
function ordered(rule: RulesetRule): RulesetRule {
  const { id, version, last_updated, ref, enabled, action, action_parameters, ...more } = rule;
  const { description, expression, logging, ratelimit, ...unknown } = more;
  return {
    id,
    version,
    last_updated,
    ref,
    enabled,
    action,
    ...(action_parameters === undefined ? {} : { action_parameters }),
    ...(description === undefined ? {} : { description }),
    expression,
    ...(logging === undefined ? {} : { logging }),
    ...(ratelimit === undefined ? {} : { ratelimit }),
    ...unknown,
  };
}

/**
 * What was sent, without what was absent or null, for clients read an added member as drift. The defaults that the API
 * adds all the same: `logging` of a skip (documented) and the numbers of a rate limit (as real answers have them; asOf
 * 2026-11).
 */
function contentOf(sent: SentRule): RuleContent {
  const { id: _id, ref: _ref, version: _version, last_updated: _updated, ...content } = sent;
  const { action, action_parameters, expression, description, enabled, logging, ratelimit, ...unknown } =
    content;
  return {
    action,
    expression,
    enabled: enabled ?? true,
    ...(isGiven(action_parameters) ? { action_parameters } : {}),
    ...(isGiven(description) ? { description } : {}),
    ...(isGiven(logging) ? { logging } : action === "skip" ? { logging: { enabled: true } } : {}),
    ...(isGiven(ratelimit) ? { ratelimit: rateLimitOf(ratelimit) } : {}),
    ...unknown,
  };
}

function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

function rateLimitOf(sent: NonNullable<SentRule["ratelimit"]>): RateLimitSpec {
  const given = Object.fromEntries(
    Object.entries({ mitigation_timeout: 0, requests_to_origin: false, ...sent }).filter(([, value]) =>
      isGiven(value),
    ),
  );
  return given as unknown as RateLimitSpec;
}
