import type { ClaimRequirement, Requirement } from "../definition/types.ts";
import { type Condition, conditionsOf, keyOf } from "./conditions.ts";

/*
 * When a requirement is as strict as another. Where that cannot be seen it counts as less strict: a finding too many
 * is read and passed over, one too few opens something by accident.
 */

/**
 * Whether a requirement asks for less than another, or lets somebody by who brings less: all who meet the other one
 * meet it and not the reverse, or one way to meet it is short of a way to meet the other.
 */
export function asksLess(require: Requirement | undefined, other: Requirement | undefined): boolean {
  const [has, needs] = [conditionsOf(require), conditionsOf(other)];
  if (needs.length === 0 || ensures(has, needs)) return false;
  if (ensures(needs, has)) return true;
  return ways(has).some((way) => !ensures(way, needs) && ways(needs).some((wanted) => isShort(way, wanted)));
}

/** A way that asks for a part of what another does, or for one thing alone where the other asks for more. */
function isShort(way: readonly Condition[], wanted: readonly Condition[]): boolean {
  return (way.length === 1 && wanted.length > 1) || ensures(wanted, way);
}

/** Whether who meets all of the conditions meets all of the others, as far as can be seen. */
export function ensures(conditions: readonly Condition[], others: readonly Condition[]): boolean {
  return ways(conditions).every((way) => others.every((other) => meets(way, other)));
}

/** Conditions without alternatives against one that may have some. */
function meets(way: readonly Condition[], other: Condition): boolean {
  if (other.kind === "any") return other.of.some((each) => each.every((condition) => meets(way, condition)));
  return way.some((condition) => isAsStrict(condition, other));
}

function isAsStrict(condition: Condition, other: Condition): boolean {
  if (condition.kind === "claim" && other.kind === "claim" && condition.ring === other.ring)
    return isAsNarrow(condition.claim, other.claim);
  return keyOf(condition) === keyOf(other);
}

/** Whether every value that one claim may have is one that another may have, in the same form. */
function isAsNarrow(claim: ClaimRequirement, other: ClaimRequirement): boolean {
  const within =
    claim.length === undefined ? other.length === undefined : claim.length <= (other.length ?? 0);
  const values: readonly unknown[] = other.values;
  return (
    within &&
    JSON.stringify(claim.path) === JSON.stringify(other.path) &&
    claim.values.every((value) => values.includes(value))
  );
}

/** Each way to meet conditions, without alternatives in it. */
export function ways(conditions: readonly Condition[]): readonly (readonly Condition[])[] {
  return conditions.reduce<readonly (readonly Condition[])[]>(
    (found, condition) =>
      condition.kind === "any"
        ? found.flatMap((way) => condition.of.flatMap(ways).map((more) => [...way, ...more]))
        : found.map((way) => [...way, condition]),
    [[]],
  );
}
