import { withLeaves } from "../../definition/requirementTree.ts";
import type { Requirement, Rule, TokenUse } from "../../definition/types.ts";
import { PLACEHOLDER } from "../../facts/placeholders.ts";
import type { Decision, HostPolicy } from "../types.ts";

/** A policy with other names for its rings: what they sign stays what it is. */
export function renameRings(policy: HostPolicy, names: ReadonlyMap<string, string>): HostPolicy {
  if (names.size === 0) return policy;
  const nameOf = (ring: string) => names.get(ring) ?? ring;
  const rules = new Map(policy.host.rules.map((rule) => [rule, renamed(rule, nameOf)]));
  const all = (decisions: readonly Decision[]) =>
    decisions.map((decision) => ({ ...decision, rule: rules.get(decision.rule) ?? decision.rule }));
  const used = (uses: readonly TokenUse[]) => uses.map((use) => ({ ...use, ring: nameOf(use.ring) }));
  return {
    ...policy,
    host: { ...policy.host, rules: [...rules.values()], tokens: used(policy.host.tokens) },
    decisions: all(policy.decisions),
    always: all(policy.always),
    conditions: all(policy.conditions),
    limits: all(policy.limits),
    places: used(policy.places),
    scopes: Object.fromEntries(Object.entries(policy.scopes).map(([ring, shape]) => [nameOf(ring), shape])),
  };
}

function renamed(rule: Rule, nameOf: (ring: string) => string): Rule {
  const { require, rateLimit, expression } = rule;
  return {
    ...rule,
    ...(require === undefined ? {} : { require: asking(require, nameOf) }),
    ...(rateLimit?.per.kind === "claim"
      ? { rateLimit: { ...rateLimit, per: { ...rateLimit.per, ring: nameOf(rateLimit.per.ring) } } }
      : {}),
    ...(expression === undefined
      ? {}
      : {
          expression: renamedIn(expression, nameOf),
        }),
  };
}

function asking(require: Requirement, nameOf: (ring: string) => string): Requirement {
  if (require.kind === "none") return require;
  return withLeaves(require, (leaf) =>
    leaf.kind === "where"
      ? { ...leaf, expression: renamedIn(leaf.expression, nameOf), says: renamedIn(leaf.says, nameOf) }
      : { ...leaf, ring: nameOf(leaf.ring) },
  );
}

function renamedIn(expression: string, nameOf: (ring: string) => string): string {
  return expression.replaceAll(PLACEHOLDER, (_whole, kind: string, name: string) => {
    const [ring = "", ...key] = name.split("/");
    return `\${${kind}:${[nameOf(ring), ...key].join("/")}}`;
  });
}
