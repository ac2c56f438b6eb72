import { ringsIn } from "../facts/placeholders.ts";
import { leavesOf } from "./requirementTree.ts";
import type { Rule } from "./types.ts";

/** What of a rule asks rings. */
interface Asking {
  readonly require?: Rule["require"] | undefined;
  readonly expression?: string | undefined;
}

/** The rings whose tokens or links a requirement speaks of, from left to right. */
export function ringsOf(require: Rule["require"]): readonly string[] {
  const rings = leavesOf(require).flatMap((leaf) =>
    leaf.kind === "where" ? ringsIn(leaf.expression) : [leaf.ring],
  );
  return [...new Set(rings)];
}

/** The rings that decide whether a rule refuses: those it requires, and those that its expression names. */
export function ringsAsked({ require, expression }: Asking): readonly string[] {
  return [...new Set([...ringsOf(require), ...ringsIn(expression ?? "")])];
}

/** What a rule's rate limit waits for: the ring whose claim it counts by, else what the rule requires. */
export function limitWaitsFor({ require, rateLimit }: Rule): Asking {
  switch (rateLimit?.per.kind) {
    case undefined:
      return {};
    case "claim":
      return { require: { kind: "token", ring: rateLimit.per.ring, scopes: [], claims: [] } };
    case "ip":
    case "header":
      return { require };
  }
}

/**
 * Whether what asks rings can refuse: each ring that an expression names is ready, and each that is required, of
 * alternatives those of one. An alternative whose ring has no key yet lets nobody by, and takes nothing from the others.
 */
export function isReady({ require, expression }: Asking, ready: (ring: string) => boolean): boolean {
  return ringsIn(expression ?? "").every(ready) && requiredIsReady(require, ready);
}

function requiredIsReady(require: Rule["require"], ready: (ring: string) => boolean): boolean {
  switch (require?.kind) {
    case undefined:
    case "none":
      return true;
    case "token":
    // That a token is left out is only asked beside what a token must be.
    case "absent":
    case "link":
      return ready(require.ring);
    case "where":
      return ringsIn(require.expression).every(ready);
    case "any":
      return require.of.some((each) => requiredIsReady(each, ready));
    case "all":
      return require.of.every((each) => requiredIsReady(each, ready));
  }
}

/** The rings whose tokens a rule reads, so that its zone needs a token configuration of each. */
export function ringsRead({ require, expression, rateLimit }: Rule): readonly string[] {
  const tokens = leavesOf(require).flatMap((leaf) => {
    if (leaf.kind === "where") return ringsIn(leaf.expression);
    return leaf.kind === "token" ? [leaf.ring] : [];
  });
  return [
    ...new Set([
      ...tokens,
      ...ringsIn(expression ?? ""),
      ...(rateLimit?.per.kind === "claim" ? [rateLimit.per.ring] : []),
    ]),
  ];
}
