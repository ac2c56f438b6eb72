import type { Phase } from "../facts/phases.ts";
import type { Position, Problem } from "../problem/problem.ts";

/** What the ledger knows of a ring, as far as rules need it. */
export interface RingState {
  /** True when the ring has an ACTIVE key. */
  readonly active: boolean;
  /** True when its rules have blocked before; they never go back to less. */
  readonly everBlocked: boolean;
  /** Keys to verify with. HMAC: newest first. */
  readonly keys: readonly { readonly name: string }[];
}

export type RingStates = Readonly<Record<string, RingState>>;

/** Everything Cloudflare shall hold for the definitions, without ids and secrets. */
export interface DesiredState {
  readonly zones: readonly DesiredZone[];
  /** Problems that only compiling shows; a state with an error must not be deployed. */
  readonly problems: readonly Problem[];
}

export interface DesiredZone {
  readonly zoneId: string;
  readonly zoneName: string;
  readonly tokenConfigurations: readonly DesiredTokenConfiguration[];
  /** In order. */
  readonly rules: Readonly<Record<Phase, readonly DesiredRule[]>>;
  /** Where each ring of the zone can be proved. */
  readonly canaries: readonly Canary[];
}

/** The metadata of one ring's token configuration; its keys come from the ledger. */
export interface DesiredTokenConfiguration {
  readonly ring: string;
  readonly title: string;
  /** Without the owner mark, which whoever creates the configuration adds. */
  readonly description: string;
  /** Expressions, as the API takes them. */
  readonly tokenSources: readonly string[];
}

export type RuleAction = "block" | "managed_challenge" | "log";

/**
 * One rule. Expressions and characteristics hold placeholders: `${config:<ring>}` for the id of the ring's
 * token configuration (36 characters), `${secret:<ring>/<key name>}` for a link secret (64 characters).
 */
export interface DesiredRule {
  readonly ref: string;
  readonly description: string;
  readonly expression: string;
  readonly action: RuleAction;
  readonly action_parameters?: { readonly response: Reply };
  readonly ratelimit?: RateLimitParameters;
  readonly enabled: boolean;
  /** Rings whose placeholders stand in the rule. */
  readonly rings: readonly string[];
  /** The conditions that the rule is made of. Each acts alone; the rule acts when one of them does. */
  readonly branches: readonly Branch[];
  /** Where the definition of the first branch stands. */
  readonly at: Position;
}

/** One condition of a rule: when it holds, the definition `ruleId` decided. */
export interface Branch {
  /** A rule's id, or for what a host or ring brings by itself: `canary`, `ambiguous`, `otherwise`. */
  readonly ruleId: string;
  /** The rule with one of its paths. */
  readonly endpoint?: string;
  /** The whole condition of this branch alone, with placeholders. */
  readonly expression: string;
  /**
   * Endpoints of more specific rules that refuse the same with the same answer, so that the condition does not leave their requests
   * out: where the branch of one of them holds too, that one decides.
   */
  readonly yieldsTo?: readonly string[];
}

export interface RateLimitParameters {
  readonly characteristics: readonly string[];
  /** Seconds. */
  readonly period: number;
  readonly requests_per_period: number;
  /** Seconds. */
  readonly mitigation_timeout: number;
}

/** A fixed reply of a blocking rule (Cloudflare: `action_parameters.response`). */
export interface Reply {
  readonly status_code: number;
  readonly content_type: "application/json" | "text/plain" | "text/html";
  readonly content: string;
}

/** Where a ring is proved: a request to `path` on `host` gets one of two fixed replies from the edge itself. */
export interface Canary {
  readonly ring: string;
  readonly host: string;
  readonly path: string;
}

/** How a rule's mode turns out once plan, environment and ring are known. */
export interface Effect {
  readonly action: RuleAction;
  readonly enabled: boolean;
}
