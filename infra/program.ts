import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import type { DesiredState } from "../model/compile/types.ts";
import { isTokenRing, type Ring } from "../model/definition/types.ts";
import type { DeploymentSettings } from "../model/environment/settings.ts";
import { CUSTOM_PHASE } from "../model/facts/phases.ts";
import { ringDefinition } from "../model/ring/ringDefinition.ts";
import { ringLedgerOf, type UpdatePlan } from "../model/update/plan.ts";
import type { LastOutputs } from "./lastOutputs.ts";
import { realized } from "./realizedRing.ts";
import type { ConfigurationPlan } from "./ringConfigurations.ts";
import { RingConfigurations } from "./ringConfigurations.ts";
import { RingMaterial } from "./ringMaterial.ts";
import { RingSigner, type SignerPlan } from "./ringSigner.ts";
import { formerOf, type RingEntry, stackOutputs, type ZoneEntry, zonesOf } from "./stackOutputs.ts";
import { type RuleRing, ZoneRules } from "./zoneRules.ts";

/**
 * Registers the resources of a plan and answers the stack's outputs.
 *
 * @param stack `organization/project/stack`
 * @param last the outputs of the last successful update
 */
export function deploy(stack: string, plan: UpdatePlan, last: LastOutputs) {
  const { definitions, settings, ledger, desired, deployed, keeps, moving } = plan;
  const storeId = secretsStore(settings, definitions.rings);
  const rings = definitions.rings.map((ring) => {
    const ringLedger = ringLedgerOf(ledger, ring);
    const deletable = settings.deletable || ringLedger.forgottenAt !== undefined;
    const material = new RingMaterial(ringLedger, {
      linkParameter: ring.kind === "hmac" ? ring.parameter : undefined,
      deletable,
    });
    const configurations = new RingConfigurations(ringLedger, material, {
      stack,
      deletable,
      keeps,
      plans: configurationPlans(ring, desired, settings),
    });
    const signerPlan = signerOf(ring, { ...settings, deletable }, storeId);
    return { ring, ledger: ringLedger, material, configurations, signerPlan };
  });
  const signer = (entry: (typeof rings)[number], published: readonly pulumi.Resource[]) =>
    new RingSigner(entry.ledger, entry.material, entry.signerPlan, published);
  const byUse = {
    tokens: rings.filter(({ ring }) => isTokenRing(ring)),
    links: rings.filter(({ ring }) => !isTokenRing(ring)),
  };
  const tokenSigners = byUse.tokens.map((entry) => ({
    entry,
    signer: signer(entry, [...entry.configurations.byZone.values()]),
  }));
  const ruleRings: RuleRing[] = rings.map((entry) => ({
    id: entry.ring.id,
    ledger: entry.ledger,
    material: entry.material,
    configurations: new Map([...entry.configurations.byZone].map(([zone, found]) => [zone, found.id])),
  }));
  const zones = desired.zones.map((zone): ZoneEntry => {
    const rules = new ZoneRules(zone, ruleRings, {
      stack: settings.environment.stack,
      deletable: settings.deletable,
      signers: tokenSigners.map((each) => each.signer),
      enforced: deployed[zone.zoneId]?.enforced ?? {},
      compiled: plan.compiled.zones[zone.zoneId],
      keeps,
    });
    return { zone, rules };
  });
  const linkSigners = byUse.links.map((entry) => ({
    entry,
    signer: signer(
      entry,
      zones.map(({ rules }) => rules),
    ),
  }));
  const done = [...tokenSigners, ...linkSigners].map(({ entry, signer }) => ({
    entry,
    done: realized(
      entry.ledger,
      entry.material,
      signer,
      echoes(entry, zones),
      entry.ledger.ring === moving ? undefined : formerOf(last, entry.ledger.ring),
    ),
  }));
  return stackOutputs({ plan, rings: done, zones, last });
}

/** Who has to say that a ring's serial is reached: its token configurations, or the rules that hold its secrets. */
function echoes(
  entry: RingEntry,
  zones: readonly ZoneEntry[],
): Record<string, pulumi.Output<number | undefined>> {
  switch (entry.ring.kind) {
    case "jwt":
    case "mirror":
      return Object.fromEntries(
        [...entry.configurations.byZone].map(([zone, found]) => [
          `token configuration in ${zone}`,
          found.serial,
        ]),
      );
    case "hmac":
      return Object.fromEntries(
        zonesOf(entry.ring, zones).map(({ zone, rules }) => [
          `rules of ${zone.zoneName}`,
          rules.phases[CUSTOM_PHASE].rings.apply((rings) => rings[entry.ledger.ring]?.serial),
        ]),
      );
  }
}

function configurationPlans(
  ring: Ring,
  desired: DesiredState,
  settings: DeploymentSettings,
): ConfigurationPlan[] {
  const { keyLimit } = ringDefinition(ring, settings.environment.zones, []);
  return desired.zones.flatMap((zone) =>
    zone.tokenConfigurations
      .filter((configuration) => configuration.ring === ring.id)
      .map(({ title, description, tokenSources }) => ({
        zone: { id: zone.zoneId, name: zone.zoneName },
        title,
        description,
        tokenSources,
        keyLimit,
      })),
  );
}

/** The account's Secrets Store: the one in the configuration, or one of ours where a ring needs it. */
function secretsStore(
  settings: DeploymentSettings,
  rings: readonly Ring[],
): pulumi.Input<string> | undefined {
  if (!rings.some((ring) => ring.signer?.kind === "secretsStore")) return undefined;
  if (settings.secretsStoreId !== undefined) return settings.secretsStoreId;
  const inputs = { accountId: settings.accountId, name: "keyturn" };
  return new cloudflare.SecretsStore("keyturn", inputs, { protect: !settings.deletable }).id;
}

function signerOf(
  ring: Ring,
  settings: DeploymentSettings,
  storeId: pulumi.Input<string> | undefined,
): SignerPlan | undefined {
  switch (ring.signer?.kind) {
    case undefined:
    case "output":
      return undefined;
    case "secretsStore": {
      const { accountId, deletable } = settings;
      return storeId === undefined
        ? undefined
        : { accountId, storeId, secretName: ring.signer.name, deletable };
    }
  }
}
