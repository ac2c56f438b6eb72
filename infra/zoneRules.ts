import * as pulumi from "@pulumi/pulumi";
import type { DesiredRule, DesiredZone } from "../model/compile/types.ts";
import { forPhases, type Phase } from "../model/facts/phases.ts";
import type { RingLedger } from "../model/ring/ledger.ts";
import { publishedKeys } from "../model/ring/realize.ts";
import { isPublishing } from "../model/ring/states.ts";
import type { Compiled } from "../model/update/compiled.ts";
import type { ZoneRecord } from "../model/update/deployed.ts";
import { phaseOf } from "../model/update/guards.ts";
import { PhaseRules } from "./providers/phaseRules.ts";
import type { PhaseRule } from "./providers/ruleText.ts";
import type { RingMaterial } from "./ringMaterial.ts";

/** A ring as the rules of a zone see it. */
export interface RuleRing {
  /** The id that placeholders name. */
  readonly id: string;
  readonly ledger: RingLedger;
  readonly material: RingMaterial;
  /** Token configuration id by zone id; none for an HMAC ring. */
  readonly configurations: ReadonlyMap<string, pulumi.Output<string>>;
}

/**
 * One zone's rules, phase by phase. HMAC secrets stand in custom rules, so that phase realizes the zone's HMAC
 * rings: both secrets of an overlap are in one expression and switch together at each point of presence.
 */
export class ZoneRules extends pulumi.ComponentResource {
  readonly phases: Readonly<Record<Phase, PhaseRules>>;

  constructor(
    zone: DesiredZone,
    rings: readonly RuleRing[],
    args: {
      readonly stack: string;
      readonly deletable: boolean;
      readonly signers: readonly pulumi.Resource[];
      readonly enforced: ZoneRecord["enforced"];
      readonly compiled: Compiled["zones"][string] | undefined;
      /** Leave the rules as they are deployed, but for link secrets and what a first ACTIVE key switches on. */
      readonly keeps: boolean;
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("keyturn:index:ZoneRules", zone.zoneName, {}, options);
    const used = (rules: readonly DesiredRule[]) =>
      rings.filter((ring) => rules.some((rule) => rule.rings.includes(ring.id)));
    this.phases = forPhases((phase) => {
      const rules = zone.rules[phase];
      const here = used(rules);
      const hmac = here.filter((ring) => ring.ledger.kind === "hmac");
      return new PhaseRules(
        `${zone.zoneName}.${phase}`,
        {
          zoneId: zone.zoneId,
          phase,
          refPrefix: `keyturn:${args.stack}:`,
          rules: rules.map(phaseRule),
          configurations: configurationIds(zone.zoneId, here),
          secrets: linkSecrets(hmac, true),
          known: linkSecrets(hmac, false),
          rings: Object.fromEntries(
            hmac.map(({ ledger }) => [ledger.ring, { serial: ledger.serial, move: ledger.move }]),
          ),
          enforced: enforcedIn(phase, args.enforced),
          compiled: args.compiled?.[phase] ?? "",
          deletable: args.deletable,
          ...(args.keeps
            ? { keep: Object.fromEntries(hmac.map((ring) => [ring.id, newestFirst(ring)])) }
            : {}),
        },
        { parent: this, dependsOn: [...args.signers], protect: !args.deletable },
      );
    });
    this.registerOutputs({});
  }
}

/** Each phase records what it enforces, so that a phase that failed keeps its old record. */
function enforcedIn(phase: Phase, enforced: ZoneRecord["enforced"]): ZoneRecord["enforced"] {
  return Object.fromEntries(Object.entries(enforced).filter(([guard]) => phaseOf(guard) === phase));
}

function phaseRule(rule: DesiredRule): PhaseRule {
  const { ref, description, expression, action, enabled, action_parameters, ratelimit } = rule;
  return {
    ref,
    description,
    expression,
    action,
    enabled,
    ...(action_parameters === undefined ? {} : { action_parameters: { ...action_parameters } }),
    ...(ratelimit === undefined ? {} : { ratelimit: { ...ratelimit } }),
  };
}

function configurationIds(zoneId: string, rings: readonly RuleRing[]): Record<string, pulumi.Output<string>> {
  const entries = rings.flatMap((ring) => {
    const id = ring.configurations.get(zoneId);
    return id === undefined ? [] : [[ring.id, id] as const];
  });
  return Object.fromEntries(entries);
}

function newestFirst({ ledger }: RuleRing): string[] {
  return publishedKeys(ledger)
    .map((key) => key.name)
    .reverse();
}

/** Secrets by the name that placeholders give them: those that stand in rules, or those that only exist. */
function linkSecrets(rings: readonly RuleRing[], published: boolean): pulumi.Output<Record<string, string>> {
  const entries = rings.flatMap((ring) =>
    ring.material.keys
      .filter((key) => isPublishing(key.record.state) === published && key.text !== undefined)
      .map((key) =>
        pulumi
          .output(key.text as pulumi.Output<string>)
          .apply((text) => [`${ring.id}/${key.record.name}`, text] as const),
      ),
  );
  return pulumi.secret(pulumi.all(entries).apply((pairs) => Object.fromEntries(pairs)));
}
