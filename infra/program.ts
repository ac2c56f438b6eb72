import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { DesiredState } from "../model/compile/types.ts";
import type { Ring } from "../model/definition/index.ts";
import type { Ledger, RingLedger } from "../model/ring/ledger.ts";
import { publishedKeys } from "../model/ring/realize.ts";
import { ledgerId, ringDefinition } from "../model/ring/ringDefinition.ts";
import { ringLedgerOf, type UpdatePlan } from "../model/update/plan.ts";
import type { Settings } from "./config.ts";
import { type Realized, realized } from "./realizedRing.ts";
import type { ConfigurationPlan } from "./ringConfigurations.ts";
import { RingConfigurations } from "./ringConfigurations.ts";
import { RingMaterial } from "./ringMaterial.ts";
import { RingSigner, type SignerPlan } from "./ringSigner.ts";
import { type RuleRing, ZoneRules } from "./zoneRules.ts";

/** Registers the resources of a plan and answers the stack's outputs. */
export function deploy(settings: Settings, { definitions, ledger, desired }: UpdatePlan) {
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
  const zones = desired.zones.map(
    (zone) =>
      new ZoneRules(zone, ruleRings, {
        stack: settings.environment.stack,
        deletable: settings.deletable,
        signers: jwtSigners.map((each) => each.signer),
      }),
  );
  const hmacSigners = rings
    .filter((entry) => entry.ring.kind === "hmac")
    .map((entry) => ({ entry, signer: signer(entry, zones) }));
  const done = [...jwtSigners, ...hmacSigners].map(({ entry, signer }) => ({
    entry,
    done: realized(entry.ledger, entry.material, signer, echoes(entry, zones)),
  }));
  return outputs(ledger, done, zones);
}

type RingEntry = {
  readonly ring: Ring;
  readonly ledger: RingLedger;
  readonly configurations: RingConfigurations;
};

/** Who has to say that a ring's serial is reached: its token configurations, or the rules that hold its secrets. */
function echoes(
  entry: RingEntry,
  zones: readonly ZoneRules[],
): Record<string, pulumi.Output<number | undefined>> {
  const configurations = [...entry.configurations.byZone].map(
    ([zone, found]) => [`token configuration in ${zone}`, found.serial] as const,
  );
  const rules = zones.map(
    (zone, index) =>
      [
        `rules of zone ${index + 1}`,
        zone.custom.rings.apply((rings) => rings[entry.ledger.ring]?.serial),
      ] as const,
  );
  return Object.fromEntries(entry.ring.kind === "jwt" ? configurations : rules);
}

function outputs(
  ledger: Ledger,
  done: readonly { entry: RingEntry; done: Realized }[],
  zones: readonly ZoneRules[],
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

function report(entry: RingEntry, zones: readonly ZoneRules[]): pulumi.Output<object> {
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
  const found = zones.map((zone) =>
    pulumi
      .all([zone.custom.rulesetId, zone.custom.readBackAt, zone.custom.writtenAt])
      .apply(([rulesetId, readBackAt, writtenAt]) => ({
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
