import type { ClaimRequirement, Requirement } from "../definition/types.ts";
import { ringsIn } from "../facts/placeholders.ts";
import { testText } from "./claimTests.ts";

/** One thing that a request must bring or say. Scopes and claims are those of a valid token of the ring. */
export type Condition =
  | { readonly kind: "token"; readonly ring: string }
  /** Nothing stands where the host has tokens of the ring. */
  | { readonly kind: "absent"; readonly ring: string }
  | { readonly kind: "link"; readonly ring: string }
  /** What Cloudflare's rules language alone can tell. */
  | { readonly kind: "where"; readonly expression: string; readonly says: string }
  | { readonly kind: "scope"; readonly ring: string; readonly scope: string }
  | { readonly kind: "claim"; readonly ring: string; readonly claim: ClaimRequirement }
  /** All of one of these; none of them is empty, and no condition is in each of them. */
  | { readonly kind: "any"; readonly of: readonly (readonly Condition[])[] };

const none: readonly Condition[] = [];
const known = new WeakMap<Requirement, readonly Condition[]>();

/**
 * What a requirement is made of: conditions that hold all together, each once. What all alternatives have in common
 * stands beside them, so that one of several scopes of one ring is a token of it, and then one of the scopes.
 *
 * @returns nothing for `require: none` and where nothing is required; the same array for the same requirement
 */
export function conditionsOf(require: Requirement | undefined): readonly Condition[] {
  if (require === undefined) return none;
  const found = known.get(require) ?? unique(read(require));
  known.set(require, found);
  return found;
}

function read(require: Requirement): readonly Condition[] {
  switch (require.kind) {
    case "none":
      return none;
    case "link":
    case "absent":
    case "where":
      return [require];
    case "token": {
      const { ring, scopes, claims } = require;
      return [
        { kind: "token", ring },
        ...scopes.map((scope): Condition => ({ kind: "scope", ring, scope })),
        ...claims.map((claim): Condition => ({ kind: "claim", ring, claim })),
      ];
    }
    case "all":
      return require.of.flatMap(conditionsOf);
    case "any":
      return oneOf(require.of.map(conditionsOf));
  }
}

function oneOf(alternatives: readonly (readonly Condition[])[]): readonly Condition[] {
  const [first = none, ...others] = alternatives;
  const common = first.filter((condition) => others.every((other) => includes(other, condition)));
  const rest = alternatives
    .map((each) => each.filter((condition) => !includes(common, condition)))
    // An alternative that is itself one of several is as many of these.
    .flatMap((each) => (each.length === 1 && each[0]?.kind === "any" ? each[0].of : [each]));
  // Who meets one that asks for nothing more meets them all.
  if (rest.some((each) => each.length === 0)) return common;
  const groups = [...Map.groupBy(rest, (each) => named(each.filter(isBrought))).values()];
  // What is to be brought stands once, with a choice of what it must say.
  const of = groups.map((group) => {
    const brings = group[0]?.filter(isBrought) ?? none;
    return brings.length === 0 || group.length === 1 ? group : [oneOf(group)];
  });
  return [
    ...common,
    { kind: "any", of: [...new Map(of.flat().map((each) => [named(each), each])).values()] },
  ];
}

/** Whether it is about what a request brings or is, and not what a token says. */
function isBrought({ kind }: Condition): boolean {
  return kind !== "scope" && kind !== "claim" && kind !== "any";
}

/** A name that lists of conditions share where they hold the same. */
function named(conditions: readonly Condition[]): string {
  return conditions.map(keyOf).sort().join("\n");
}

/** Conditions once each; what is needed anyway is in no choice. */
function unique(conditions: readonly Condition[]): readonly Condition[] {
  const plain = conditions.filter(({ kind }) => kind !== "any");
  const found = conditions.flatMap((condition) =>
    condition.kind === "any"
      ? oneOf(condition.of.map((each) => each.filter((inner) => !includes(plain, inner))))
      : [condition],
  );
  return [...new Map(found.map((condition) => [keyOf(condition), condition])).values()];
}

function includes(conditions: readonly Condition[], condition: Condition): boolean {
  const key = keyOf(condition);
  return conditions.some((each) => keyOf(each) === key);
}

const keys = new WeakMap<Condition, string>();

/** A text that two conditions share exactly where they say the same. */
export function keyOf(condition: Condition): string {
  const found = keys.get(condition) ?? keyText(condition);
  keys.set(condition, found);
  return found;
}

function keyText(condition: Condition): string {
  switch (condition.kind) {
    case "token":
    case "absent":
    case "link":
      return JSON.stringify([condition.kind, condition.ring]);
    case "where":
      return JSON.stringify([condition.kind, condition.expression]);
    case "scope":
      return JSON.stringify([condition.kind, condition.ring, condition.scope]);
    case "claim": {
      const { path, must, stands } = condition.claim;
      const values =
        "values" in must ? [...new Set(must.values)].map((value) => JSON.stringify(value)).sort() : [];
      return JSON.stringify([condition.kind, condition.ring, path, { ...must, values }, stands]);
    }
    case "any":
      return JSON.stringify([condition.kind, condition.of.map((each) => each.map(keyOf).sort()).sort()]);
  }
}

/** The rings that a condition speaks of. */
export function ringsOfCondition(condition: Condition): readonly string[] {
  if (condition.kind === "where") return ringsIn(condition.expression);
  if (condition.kind !== "any") return [condition.ring];
  return [...new Set(condition.of.flat().flatMap(ringsOfCondition))];
}

/** Whether something of a condition is a token or link, and not only what a token says. */
export function bringsSomething(condition: Condition): boolean {
  return condition.kind === "any" ? condition.of.flat().some(bringsSomething) : isBrought(condition);
}

/**
 * What is left of a condition when nothing that tokens say is looked at: who does not even meet that has not brought
 * what is needed. Nothing where that is met by everybody.
 */
export function brought(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.flatMap((condition) => {
    if (condition.kind !== "any") return bringsSomething(condition) ? [condition] : [];
    return oneOf(condition.of.map(brought));
  });
}

/**
 * Conditions as people read them, each by itself; with the ring of a scope or claim where several are spoken of.
 *
 * @param all what they are a part of
 */
export function textsOf(conditions: readonly Condition[], all = conditions): readonly string[] {
  const rings = new Set(all.flatMap(ringsOfCondition));
  return conditions.map((condition) => textOf(condition, rings.size > 1));
}

function textOf(condition: Condition, several: boolean): string {
  switch (condition.kind) {
    case "token":
      return `a token of ${condition.ring}`;
    case "absent":
      return `no token of ${condition.ring}`;
    case "link":
      return `a link of ${condition.ring}`;
    case "where":
      return condition.says;
    case "scope":
      return `scope ${condition.scope}${several ? ` of ${condition.ring}` : ""}`;
    case "claim": {
      const { path, must, stands } = condition.claim;
      const name = `claim ${path.map(part).join(".")}${several ? ` of ${condition.ring}` : ""}`;
      if (stands.kind !== "element") return `${name} ${testText(must)}`;
      return `${name} ${testText(must)} in ${stands.length} elements${stands.orAlone ? " or alone" : ""}`;
    }
    case "any":
      return `either ${condition.of.map((each) => alternative(each, several)).join(" or ")}`;
  }
}

function alternative(conditions: readonly Condition[], several: boolean): string {
  const text = conditions.map((condition) => textOf(condition, several)).join(" and ");
  return / or | and /.test(text) ? `(${text})` : text;
}

/** One part of a claim's name; with a dot in it between quotes, as definitions write it. */
function part(name: string): string {
  return name.includes(".") && !name.includes("/") ? `"${name}"` : name;
}
