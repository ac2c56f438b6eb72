import type { Refusal } from "../policy/evaluate.ts";
import type { PolicyTest } from "./types.ts";

/** One test with what the deployed rules did. */
export interface TestResult {
  readonly test: PolicyTest;
  readonly seen: {
    readonly status: "passes" | number;
    /** The definitions that decided; empty where the request reached the origin. */
    readonly by: readonly string[];
    /** How the answer differs from the reply that is expected, a phrase each. */
    readonly misfits: readonly string[];
  };
  /**
   * What the policy wants (`model/policy`): every right answer, none where the request passes; undefined for the canary
   * path, which rings answer themselves.
   */
  readonly wanted: readonly Refusal[] | undefined;
  /** Ids of the rules that decide, and of those that match and are passed over for them. */
  readonly decides: readonly string[];
  readonly passedOver: readonly string[];
  readonly ok: boolean;
}
