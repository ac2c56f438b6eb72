import type { HostDefinition, Mode, PlacedMatch, Rule, ScopeShape, TokenUse } from "../definition/types.ts";
import type { Acceptance } from "./accepts.ts";

/**
 * What a host wants of requests at some time, as plain data. Ways of enforcing turn it into what Cloudflare takes, and
 * `evaluate.ts` says what it means. Rules that are off are not in it.
 */
export interface HostPolicy {
  readonly host: HostDefinition;
  /** How hard requests are refused that can be read in more than one way: as hard as the hardest guard. */
  readonly ambiguous: Mode;
  /** Rules that require something, `none` included: the first that matches decides. */
  readonly decisions: readonly Decision[];
  /** Rules under `always`: what they require holds besides. */
  readonly always: readonly Decision[];
  /** Raw expressions, for all that their rules match. */
  readonly conditions: readonly Decision[];
  /** Rate limits, for all that their rules match; the mode is the limit's. */
  readonly limits: readonly Decision[];
  /** How hard requests are refused that no decision matches; undefined where they pass. */
  readonly otherwise: Mode | undefined;
  /** For each ring of the host all places that Cloudflare reads its tokens from: one configuration serves a zone. */
  readonly places: readonly TokenUse[];
  /** Requests that pass though they can be read in more than one way. */
  readonly accepts: readonly Acceptance[];
  /** Methods that pass where rules go by methods: the common ones and those that are named; undefined where none does. */
  readonly methods: ReadonlySet<string> | undefined;
  /** How tokens carry scopes, by ring. */
  readonly scopes: Readonly<Record<string, ScopeShape>>;
}

/** What one rule has to say on the requests that one of its matches means. */
export interface Decision {
  readonly rule: Rule;
  readonly match: PlacedMatch;
  /** As the environment and the state of the rings that are asked let the rule act. */
  readonly mode: Mode;
  /** As the definition says. */
  readonly stated: Mode;
}

/** Some time, from its first second up to the one after its last (Unix seconds); open where one is missing. */
export interface During {
  readonly from?: number;
  readonly until?: number;
}

/** What a host wants while no mode changes. */
export interface Stretch {
  readonly during: During;
  readonly policy: HostPolicy;
}
