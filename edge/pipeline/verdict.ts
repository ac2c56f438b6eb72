import type { TokenTrace } from "./events.ts";

/** A rule that matched. */
export interface RuleHit {
  readonly phase: string;
  readonly action: string;
  readonly scope: "account" | "zone";
  /** Absent for token validation rules, which belong to no ruleset. */
  readonly rulesetId?: string;
  readonly ruleId: string;
  /** Absent for token validation rules. */
  readonly ref?: string;
  readonly description?: string;
}

/** How a request ended and why; travels beside every response and never contains a token. */
export interface Verdict {
  readonly outcome:
    | "origin"
    | "cache"
    | "blocked"
    | "challenged"
    | "redirected"
    | "unknownHost"
    | "badRequest";
  /** The rule that ended the request before the origin; absent if it got through. */
  readonly decidedBy?: RuleHit;
  /** All rules that matched, in order, the deciding one included. */
  readonly hits: readonly RuleHit[];
  /** The tokens the request carried, by configuration. */
  readonly tokens: readonly TokenTrace[];
}
