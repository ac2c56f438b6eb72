import type { SecretSource } from "../../model/environment/sampleAddress.ts";
import type { Engine } from "../engine/engine.ts";

/** A request to the edge or to an issuer, and what is needed of the answer. */
export type Send = (request: Request) => Promise<Answer>;

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Point of presence that answered, from `cf-ray`; empty where there is none. */
  readonly pop: string;
}

/** A key as the API answers it. */
export interface LiveKey {
  readonly kid: string;
  readonly alg: string;
}

/** A rule as the API answers it. */
export interface LiveRule {
  readonly ref: string;
  readonly action: string;
  readonly enabled: boolean;
}

/** Whose rules, as the SDK names it. */
export type RuleScope = { readonly zone_id: string } | { readonly account_id: string };

/** What `rotate` and its sister commands may use of the outside. */
export interface RotationWorld {
  readonly engine: Engine;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Requests to the zones' hosts, through the edge. */
  readonly edge: Send;
  /** Requests to issuers' sample addresses. */
  readonly issuer: Send;
  /** A secret that a request to an issuer needs; never shown. */
  readonly secret: (source: SecretSource) => Promise<string | undefined>;
  /** The keys that Cloudflare holds for a token configuration; undefined where it does not exist. */
  readonly liveKeys: (zoneId: string, configurationId: string) => Promise<readonly LiveKey[] | undefined>;
  /** The rules of a zone or account in a phase, in order; none without an entry point. */
  readonly liveRules: (scope: RuleScope, phase: string) => Promise<readonly LiveRule[]>;
  /** Cloudflare's own clock in milliseconds, to hold ours against; undefined where it does not say. */
  readonly serverTime: () => Promise<number | undefined>;
  /** An id that was never used: a kid for the negative control of the canary, or a `jti`. */
  readonly freshId: () => string;
}
