import type { ScopedCall } from "../route.ts";

/** Where a rule of a ruleset under check stands. */
export interface RulePlace {
  readonly call: ScopedCall;
  readonly phase: string;
  /** JSON pointer of the rule. */
  readonly pointer: string;
}
