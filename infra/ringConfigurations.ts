import * as pulumi from "@pulumi/pulumi";
import type { RingLedger } from "../model/ring/ledger.ts";
import { isPublishing } from "../model/ring/states.ts";
import type { PublishedKey } from "./providers/keySet.ts";
import { TokenConfiguration } from "./providers/tokenConfiguration.ts";
import type { KeyMaterial, RingMaterial } from "./ringMaterial.ts";

/** One zone's token configuration of a ring, as the model wants it. */
export interface ConfigurationPlan {
  readonly zone: { readonly id: string; readonly name: string };
  readonly title: string;
  readonly description: string;
  readonly tokenSources: readonly string[];
  readonly keyLimit: number;
}

/** A ring of tokens at Cloudflare: one token configuration in each zone that uses it. */
export class RingConfigurations extends pulumi.ComponentResource {
  readonly byZone: ReadonlyMap<string, TokenConfiguration>;

  constructor(
    ring: RingLedger,
    material: RingMaterial,
    args: {
      readonly stack: string;
      readonly deletable: boolean;
      /** Leave all but the keys as it is deployed. */
      readonly keeps: boolean;
      readonly plans: readonly ConfigurationPlan[];
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("keyturn:index:RingConfigurations", ring.ring, {}, options);
    const published = material.keys.filter((key) => isPublishing(key.record.state));
    const owner = `keyturn ${args.stack} ${ring.ring}`;
    // By the material where there is some: a key that this run makes must be the same input in the next one.
    const ended = ring.keys
      .filter((key) => !isPublishing(key.state))
      .map((key) => material.keys.find(({ record }) => record === key)?.kid ?? key.kid ?? "");
    this.byZone = new Map(
      args.plans.map((plan) => [
        plan.zone.id,
        new TokenConfiguration(
          `${ring.ring}.${plan.zone.name}`,
          {
            zoneId: plan.zone.id,
            ring: ring.ring,
            owner,
            title: plan.title,
            description: `${plan.description} [${owner}]`,
            tokenSources: plan.tokenSources,
            keys: pulumi.all(published.map(publishedKey)),
            secrets: secrets(published),
            keyLimit: plan.keyLimit,
            serial: ring.serial,
            move: ring.move,
            known: pulumi.all(material.keys.map(publishedKey)),
            ended: pulumi.all(ended),
            deletable: args.deletable,
            ...(args.keeps ? { keep: true } : {}),
          },
          { parent: this, protect: !args.deletable },
        ),
      ]),
    );
    this.registerOutputs({});
  }
}

function publishedKey(key: KeyMaterial): pulumi.Output<PublishedKey> {
  const { name, algorithm, state } = key.record;
  return pulumi
    .all([key.kid, key.jwk])
    .apply(
      ([kid, jwk]): PublishedKey =>
        ({ name, kid, alg: algorithm, state, ...(jwk ?? { kty: "oct" }) }) as PublishedKey,
    );
}

/** `k` of the symmetric keys, by kid, as one secret. */
function secrets(keys: readonly KeyMaterial[]): pulumi.Output<Record<string, string>> {
  const entries = keys.flatMap(({ kid, signing, text }) =>
    text === undefined || signing === undefined
      ? []
      : [pulumi.all([kid, signing]).apply(([id, jwk]) => [id, jwk.k ?? ""] as const)],
  );
  return pulumi.secret(pulumi.all(entries).apply((pairs) => Object.fromEntries(pairs)));
}
