import { ringsIn } from "../facts/placeholders.ts";
import type { Rule, TokenRequirement } from "./types.ts";

/** What of a rule asks rings. */
interface Asking {
  readonly require?: Rule["require"] | undefined;
  readonly expression?: string | undefined;
}

/** The ring whose token or link a requirement asks for. */
export function ringOf(require: Rule["require"]): string | undefined {
  switch (require?.kind) {
    case "token":
    case "link":
      return require.ring;
    case "none":
    case undefined:
      return undefined;
  }
}

/** The rings that decide whether a rule refuses: the one it requires, and those that its expression names. */
export function ringsAsked({ require, expression }: Asking): readonly string[] {
  const ring = ringOf(require);
  return [...new Set([...(ring === undefined ? [] : [ring]), ...ringsIn(expression ?? "")])];
}

/** The ring that a rule's rate limit waits for: whose claim it counts by, else the one that the rule requires. */
export function ringLimiting({ require, rateLimit }: Rule): readonly string[] {
  switch (rateLimit?.per.kind) {
    case undefined:
      return [];
    case "claim":
      return [rateLimit.per.ring];
    case "ip":
    case "header":
      return ringsAsked({ require });
  }
}

/** The rings whose tokens a rule reads, so that its zone needs a token configuration of each. */
export function ringsRead({ require, expression, rateLimit }: Rule): readonly string[] {
  return [
    ...new Set([
      ...ringsAsked({ require: readingTokens(require), expression }),
      ...(rateLimit?.per.kind === "claim" ? [rateLimit.per.ring] : []),
    ]),
  ];
}

function readingTokens(require: Rule["require"]): TokenRequirement | undefined {
  switch (require?.kind) {
    case "token":
      return require;
    case "link":
    case "none":
    case undefined:
      return undefined;
  }
}
