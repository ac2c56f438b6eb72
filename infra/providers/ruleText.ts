/** Our rules as text: placeholders filled in, compared with what the API answers, and told from foreign ones. */
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { failure } from "./cloudflareApi.ts";
import type { Fenced } from "./fence.ts";

/** One rule of ours, with `${config:ring}` and `${secret:ring/key}` where the values go. */
export interface PhaseRule {
  readonly ref: string;
  readonly description: string;
  readonly expression: string;
  readonly action: string;
  readonly enabled: boolean;
  readonly action_parameters?: Readonly<Record<string, unknown>>;
  readonly ratelimit?: Readonly<Record<string, unknown>>;
}

/** Inputs as the provider's methods get them. */
export interface Inputs {
  readonly zoneId: string;
  readonly phase: string;
  /** Every `ref` of ours begins with it; all other rules are foreign. */
  readonly refPrefix: string;
  readonly rules: readonly PhaseRule[];
  /** Token configuration id by ring. */
  readonly configurations: Readonly<Record<string, string>>;
  /** HMAC secret by `ring/key`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** HMAC secrets that exist and stand in no rule, by `ring/key`: a run that died may have written any of them. */
  readonly known: Readonly<Record<string, string>>;
  /** Moves of the rings that this phase realizes. */
  readonly rings: Readonly<Record<string, Fenced>>;
  /** What of the rules refuses or challenges, and the ring that it asks: a record for the next update. */
  readonly enforced: Readonly<Record<string, string>>;
  /** Digest of what the phase's definitions are compiled to, whatever state the rings are in. */
  readonly compiled: string;
  readonly deletable: boolean;
  readonly revision: number;
}

const INPUTS: Readonly<Record<keyof Inputs, true>> = {
  zoneId: true,
  phase: true,
  refPrefix: true,
  rules: true,
  configurations: true,
  secrets: true,
  known: true,
  rings: true,
  enforced: true,
  compiled: true,
  deletable: true,
  revision: true,
};

/** The inputs whose change is an update. */
export const INPUT_NAMES = Object.keys(INPUTS) as readonly (keyof Inputs)[];

/** What the provider answers and the state keeps. */
export interface Outputs extends Inputs {
  readonly rulesetId: string;
  /** Since when each secret is known to stand there without a break, by `ring/key`. */
  readonly readBackAt: Readonly<Record<string, string>>;
  readonly writtenAt: string;
  readonly drift?: string;
}

/** A rule as the API answers it. */
export interface RemoteRule {
  readonly id?: string;
  readonly ref?: string;
  readonly expression?: string;
  readonly action?: string;
  readonly enabled?: boolean;
  readonly version?: string;
  readonly last_updated?: string;
}

/** Puts ids and secrets in; a name without a value is our own mistake and stops the write. */
function fill(text: string, inputs: Inputs): string {
  return text.replace(/\$\{(config|secret):([^}]+)\}/g, (_whole, kind: string, name: string) => {
    const value = kind === "config" ? inputs.configurations[name] : inputs.secrets[name];
    if (value === undefined)
      throw failure(
        "PLACEHOLDER_UNKNOWN",
        `a rule of phase ${inputs.phase} names ${kind} ${name}, which does not exist`,
      );
    return value;
  });
}

/** The rules as they are sent, with every text in them filled. */
export function filled(inputs: Inputs): RemoteRule[] {
  return JSON.parse(JSON.stringify(inputs.rules), (_name, value: unknown) =>
    typeof value === "string" ? fill(value, inputs) : value,
  );
}

/** What we set and what the API must answer for it; members that the API fills in are left out. */
export function essence(rule: RemoteRule & Partial<PhaseRule>): string {
  const { ref, description, expression, action, enabled, action_parameters, ratelimit } = rule;
  const parameters =
    action_parameters !== undefined && Object.keys(action_parameters).length > 0
      ? action_parameters
      : undefined;
  const limit = ratelimit === undefined ? undefined : { requests_to_origin: false, ...ratelimit };
  return canonicalJson({
    ref,
    description,
    expression,
    action,
    enabled,
    action_parameters: parameters,
    ratelimit: limit,
  });
}

/** How to tell our rules from foreign ones. */
export interface Owner {
  readonly refPrefix: string;
  /** The prefix before the stack was renamed: those rules are ours too, and go. */
  readonly formerPrefix?: string;
}

export function isOurs(rule: RemoteRule, { refPrefix, formerPrefix = refPrefix }: Owner): boolean {
  return rule.ref?.startsWith(refPrefix) === true || rule.ref?.startsWith(formerPrefix) === true;
}

/**
 * Rules of others that act before one of ours: a `skip` opens what ours guard, and what answers hides them. One that
 * only logs does neither.
 */
export function inFront(rules: readonly RemoteRule[], owner: Owner): readonly RemoteRule[] {
  const last = rules.findLastIndex((rule) => isOurs(rule, owner));
  return rules
    .slice(0, last + 1)
    .filter((rule) => !isOurs(rule, owner) && rule.enabled !== false && rule.action !== "log");
}

export function sameRules(a: readonly RemoteRule[], b: readonly RemoteRule[]): boolean {
  return a.length === b.length && a.every((rule, index) => essence(rule) === essence(b[index] as RemoteRule));
}

/** Foreign rules exactly as they are, without the members that only the API sets. */
export function sendable(rule: RemoteRule): object {
  const { version: _version, last_updated: _updated, ...rest } = rule;
  return rest;
}

/** The secrets that stand in the time-limited HMAC checks of `rules`. */
export function secretsIn(rules: readonly RemoteRule[]): string[] {
  const found = rules.flatMap((rule) =>
    [...(rule.expression ?? "").matchAll(/is_timed_hmac_valid_v0\(\s*"([^"]*)"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  return [...new Set(found)];
}
