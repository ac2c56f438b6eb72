import type { Ruleset } from "../../world/types.ts";
import { refusal } from "../errors.ts";
import { permits } from "../permissions.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type ScopedCall } from "../route.ts";
import { rulesetPhase } from "./phases.ts";

/** Where a rule of a ruleset under check stands. */
export interface RulePlace {
  readonly call: ScopedCall;
  readonly phase: string;
  /** JSON pointer of the rule. */
  readonly pointer: string;
}

/** The permission groups of all ruleset endpoints. */
export const rulesetGroups = { zone: "zoneRulesets", account: "accountRulesets" } as const;

/** The key under which writes to a ruleset exclude each other. */
export function rulesetKey(id: string): string {
  return `ruleset ${id}`;
}

/** The kind of an entry point: `zone` in a zone, `root` in an account. */
export function entryPointKind(call: ScopedCall): "zone" | "root" {
  return call.scope === "zone" ? "zone" : "root";
}

/** The ruleset that the path names, or 404. */
export function rulesetOf(call: ScopedCall): Ruleset {
  requireRulesets(call);
  const id = param(call, "ruleset_id");
  const found = call.parts.rulesets.find((each) => each.id === id);
  if (found === undefined) throw refusal("notFound", { what: "ruleset" });
  requirePhase(call, found.phase);
  return found;
}

/** The entry point of `phase`, or undefined. */
export function entryPointOf(call: ScopedCall, phase: string): Ruleset | undefined {
  const kind = entryPointKind(call);
  return call.parts.rulesets.find((each) => each.kind === kind && each.phase === phase);
}

/** Whether the token may do what the call does to rulesets of `phase`. */
export function permitsPhase(call: ScopedCall, phase: string): boolean {
  const waf = call.scope === "zone" ? "zoneWaf" : "accountWaf";
  const group = rulesetPhase(phase)?.permission ?? waf;
  return call.principal === undefined || permits(call.principal.grant.permissions, group, call.access);
}

/** Refuses (403) a token without the permission of `phase`. */
export function requirePhase(call: ScopedCall, phase: string): void {
  if (!permitsPhase(call, phase)) throw refusal("permission");
}

/** Account-level rulesets exist on Enterprise only (developers.cloudflare.com: WAF, availability). */
export function requireRulesets(call: ScopedCall): void {
  if (call.scope === "account" && call.subject.plan !== "enterprise") {
    throw refusal("planTooLow", { what: "an account-level ruleset", plan: call.subject.plan });
  }
}

/** With `?dry_run=true` a write is validated and not stored. */
export function isDryRun(call: ScopedCall): boolean {
  return call.query.get("dry_run") === "true";
}

/** Stores a new version of a ruleset, or a new ruleset, and answers it; nothing is stored in a dry run. */
export function saved(call: ScopedCall, before: Ruleset | undefined, after: Omit<Ruleset, "version">): Reply {
  if (isDryRun(call)) return ok(null);
  const version = before === undefined ? "1" : String(Number(before.version) + 1);
  const ruleset: Ruleset = { ...after, version, last_updated: call.world.timestamp() };
  const { rulesets } = call.parts;
  call.commit(
    "rulesets",
    before === undefined
      ? [...rulesets, ruleset]
      : rulesets.map((each) => (each.id === ruleset.id ? ruleset : each)),
  );
  const versions = call.store.rulesetVersions.get(ruleset.id) ?? [];
  call.store.rulesetVersions.set(ruleset.id, [...versions, ruleset]);
  return ok(ruleset);
}

/** A ruleset as lists show it. */
export function withoutRules(ruleset: Ruleset): Omit<Ruleset, "rules"> {
  const { rules: _rules, ...rest } = ruleset;
  return rest;
}
