import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { DesiredState, DesiredZone } from "../model/compile/types.ts";
import type { Ring } from "../model/definition/index.ts";
import type { Ledger, RingLedger } from "../model/ring/ledger.ts";
import { publishedKeys } from "../model/ring/realize.ts";
import { ledgerId, ringDefinition } from "../model/ring/ringDefinition.ts";
import type { Deployed } from "../model/update/deployed.ts";
import { ringLedgerOf, type UpdatePlan } from "../model/update/plan.ts";
import type { Settings } from "./config.ts";
import { type Realized, realized } from "./realizedRing.ts";
import type { ConfigurationPlan } from "./ringConfigurations.ts";
import { RingConfigurations } from "./ringConfigurations.ts";
import { RingMaterial } from "./ringMaterial.ts";
import { RingSigner, type SignerPlan } from "./ringSigner.ts";
import { type RuleRing, ZoneRules } from "./zoneRules.ts";

/** Registers the resources of a plan and answers the stack's outputs. */
export function deploy(settings: Settings, { definitions, ledger, desired, deployed }: UpdatePlan) {
  const storeId = secretsStore(settings, definitions.rings);
  const rings = definitions.rings.map((ring) => {
    const ringLedger = ringLedgerOf(ledger, ring);
    const material = new RingMaterial(ringLedger, {
      linkParameter: ring.kind === "hmac" ? ring.parameter : undefined,
      deletable: settings.deletable,
    });
    const configurations = new RingConfigurations(ringLedger, material, {
      stack: settings.stack,
      deletable: settings.deletable,
      plans: configurationPlans(ring, desired, settings),
    });
    const signerPlan = signerOf(ring, settings, storeId);
    return { ring, ledger: ringLedger, material, configurations, signerPlan };
  });
  const signer = (entry: (typeof rings)[number], published: readonly pulumi.Resource[]) =>
    new RingSigner(entry.ledger, entry.material, entry.signerPlan, published);
  const jwtSigners = rings
    .filter((entry) => entry.ring.kind === "jwt")
    .map((entry) => ({ entry, signer: signer(entry, [...entry.configurations.byZone.values()]) }));
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
      signers: jwtSigners.map((each) => each.signer),
      enforced: deployed[zone.zoneId]?.enforced ?? {},
    });
    return { zone, rules };
  });
  const hmacSigners = rings
    .filter((entry) => entry.ring.kind === "hmac")
    .map((entry) => ({
      entry,
      signer: signer(
        entry,
        zones.map(({ rules }) => rules),
      ),
    }));
  const done = [...jwtSigners, ...hmacSigners].map(({ entry, signer }) => ({
    entry,
    done: realized(entry.ledger, entry.material, signer, echoes(entry, zones)),
  }));
  return { ...outputs(ledger, done, zones), deployed: record(deployed, zones) };
}

interface ZoneEntry {
  readonly zone: DesiredZone;
  readonly rules: ZoneRules;
}

type RingEntry = {
  readonly ring: Ring;
  readonly ledger: RingLedger;
  readonly configurations: RingConfigurations;
};

/** Who has to say that a ring's serial is reached: its token configurations, or the rules that hold its secrets. */
function echoes(
  entry: RingEntry,
  zones: readonly ZoneEntry[],
): Record<string, pulumi.Output<number | undefined>> {
  const configurations = [...entry.configurations.byZone].map(
    ([zone, found]) => [`token configuration in ${zone}`, found.serial] as const,
  );
  const rules = zonesOf(entry.ring, zones).map(
    ({ zone, rules }) =>
      [
        `rules of ${zone.zoneName}`,
        rules.custom.rings.apply((rings) => rings[entry.ledger.ring]?.serial),
      ] as const,
  );
  return Object.fromEntries(entry.ring.kind === "jwt" ? configurations : rules);
}

/** The zones whose rules name a ring: only these hold its secrets. */
function zonesOf(ring: Ring, zones: readonly ZoneEntry[]): readonly ZoneEntry[] {
  return zones.filter(({ zone }) => zone.customRules.some((rule) => rule.rings.includes(ring.id)));
}

/** What each zone holds now; of a phase that this run left out or failed at, what it held before. */
function record(deployed: Deployed, zones: readonly ZoneEntry[]): pulumi.Output<Deployed> {
  const found = zones.map(({ zone, rules }) =>
    pulumi
      .all([rules.custom.enforced, rules.limits.enforced, rules.custom.deletable])
      .apply(([guards, limits, deletable]) => {
        const wanted = { zone: zone.zoneName, rings: [], ...deployed[zone.zoneId] };
        return [zone.zoneId, { ...wanted, deletable, enforced: { ...guards, ...limits } }] as const;
      }),
  );
  return pulumi.all(found).apply((entries) => Object.fromEntries(entries));
}

function outputs(
  ledger: Ledger,
  done: readonly { entry: RingEntry; done: Realized }[],
  zones: readonly ZoneEntry[],
) {
  const byRing = <T>(pick: (entry: RingEntry, ring: Realized) => T) =>
    Object.fromEntries(done.map(({ entry, done }) => [entry.ledger.ring, pick(entry, done)]));
  const rings = pulumi.all(byRing((_entry, ring) => ring.ledger));
  return {
    /** Every key that ever lived, without secrets; the next update reads it back. */
    ledger: rings.apply((current) => ({ ...ledger, rings: { ...ledger.rings, ...current } })),
    /** What the resources report beside it: ids and read-back times. */
    reports: pulumi.all(byRing((entry) => report(entry, zones))),
    /** Private and symmetric keys by ring and role, for issuers and for `rotate`. */
    signers: pulumi.secret(pulumi.all(byRing((_entry, ring) => ring.signers))),
    /** Public keys of the rings that publish a JWKS (RFC 7517 section 5). */
    jwks: rings.apply((current) =>
      publicSets(
        current,
        done.map(({ entry }) => entry.ring),
      ),
    ),
  };
}

function report(entry: RingEntry, zones: readonly ZoneEntry[]): pulumi.Output<object> {
  if (entry.ring.kind === "jwt") {
    const found = [...entry.configurations.byZone].map(([zoneId, configuration]) =>
      pulumi
        .all([configuration.id, configuration.readBackAt, configuration.writtenAt])
        .apply(([configurationId, readBackAt, writtenAt]) => ({
          zoneId,
          configurationId,
          readBackAt,
          writtenAt,
        })),
    );
    return pulumi.all(found).apply((configurations) => ({ configurations }));
  }
  const id = entry.ring.id;
  const found = zonesOf(entry.ring, zones).map(({ zone, rules: { custom } }) =>
    pulumi
      .all([custom.rulesetId, custom.readBackAt, custom.writtenAt])
      .apply(([rulesetId, readBackAt, writtenAt]) => ({
        zoneId: zone.zoneId,
        rulesetId,
        readBackAt: Object.fromEntries(
          Object.entries(readBackAt).filter(([name]) => name.startsWith(`${id}/`)),
        ),
        writtenAt,
      })),
  );
  return pulumi.all(found).apply((rules) => ({ rules }));
}

function publicSets(rings: Readonly<Record<string, RingLedger>>, definitions: readonly Ring[]): object {
  const publishing = definitions.filter((ring) => ring.kind === "jwt" && ring.publishJwks);
  const keys = (ring: RingLedger) =>
    publishedKeys(ring).flatMap((key) =>
      key.jwk === null ? [] : [{ ...key.jwk, kid: key.kid, alg: key.algorithm, use: "sig" }],
    );
  return Object.fromEntries(
    publishing.flatMap((ring) => {
      const found = rings[ledgerId(ring)];
      return found === undefined ? [] : [[ring.id, { keys: keys(found) }]];
    }),
  );
}

function configurationPlans(ring: Ring, desired: DesiredState, settings: Settings): ConfigurationPlan[] {
  const { keyLimit } = ringDefinition(ring, settings.environment.zones);
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
function secretsStore(settings: Settings, rings: readonly Ring[]): pulumi.Input<string> | undefined {
  if (!rings.some((ring) => ring.signer?.kind === "secretsStore")) return undefined;
  if (settings.secretsStoreId !== undefined) return settings.secretsStoreId;
  return new cloudflare.SecretsStore("keyturn", { accountId: settings.accountId, name: "keyturn" }).id;
}

function signerOf(
  ring: Ring,
  settings: Settings,
  storeId: pulumi.Input<string> | undefined,
): SignerPlan | undefined {
  if (ring.signer?.kind !== "secretsStore" || storeId === undefined) return undefined;
  return { accountId: settings.accountId, storeId, secretName: ring.signer.name };
}
