import type { ClaimPlace, ClaimRequirement, ClaimTest, Requirement } from "../definition/types.ts";
import { passesTest } from "./claimTests.ts";
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

/** Whether whatever one claim may be is what another may be, at a place where that one is looked for. */
function isAsNarrow(claim: ClaimRequirement, other: ClaimRequirement): boolean {
  return (
    JSON.stringify(claim.path) === JSON.stringify(other.path) &&
    standsWithin(claim.stands, other.stands) &&
    passesWithin(claim.must, other.must)
  );
}

function standsWithin(place: ClaimPlace, other: ClaimPlace): boolean {
  if (other.kind === "registered" || place.kind === "registered") return place.kind === other.kind;
  if (other.kind === "alone" || place.kind === "alone")
    return place.kind === "alone" && (other.kind === "alone" || other.orAlone);
  return place.length <= other.length && (other.orAlone || !place.orAlone);
}

function passesWithin(test: ClaimTest, other: ClaimTest): boolean {
  if (test.kind === "is") return test.values.every((value) => passesTest(other, value));
  switch (other.kind) {
    case "present":
      return test.kind === "within"
        ? other.as !== "text"
        : test.kind === "present"
          ? other.as === "either" || other.as === test.as
          : test.kind === "affix" && other.as !== "integer";
    case "within":
      return (
        test.kind === "within" &&
        (test.least ?? Number.NEGATIVE_INFINITY) >= (other.least ?? Number.NEGATIVE_INFINITY) &&
        (test.most ?? Number.POSITIVE_INFINITY) <= (other.most ?? Number.POSITIVE_INFINITY)
      );
    case "isNot":
      return test.kind === "isNot" && other.values.every((value) => test.values.includes(value));
    case "affix":
      return (
        test.kind === "affix" &&
        (test.starts ?? "").startsWith(other.starts ?? "") &&
        (test.ends ?? "").endsWith(other.ends ?? "")
      );
    case "is":
      return false;
  }
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
