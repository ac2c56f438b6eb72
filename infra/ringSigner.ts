import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { RingLedger } from "../model/ring/ledger.ts";
import { activeKey } from "../model/ring/realize.ts";
import type { RingMaterial } from "./ringMaterial.ts";

/** Where an issuer's Worker finds the key to sign with. */
export interface SignerPlan {
  readonly accountId: string;
  readonly storeId: pulumi.Input<string>;
  readonly secretName: string;
  readonly deletable: boolean;
}

/**
 * What an issuer finds before the first key is active. The secret exists from the first deploy on, so that a
 * rotation only ever changes it: a changed secret can be sent twice, a new one can not.
 */
const NO_KEY_YET = JSON.stringify({ keys: [] });

/**
 * Delivers a ring's active key to its issuer. Promotion is the update of this secret, so it comes after every
 * resource that publishes the key.
 */
export class RingSigner extends pulumi.ComponentResource {
  /** What the secret's comment says once delivered; undefined where nothing is delivered. */
  readonly comment: pulumi.Output<string> | undefined;
  readonly expected: string | undefined;

  constructor(
    ring: RingLedger,
    material: RingMaterial,
    plan: SignerPlan | undefined,
    published: readonly pulumi.Resource[],
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("keyturn:index:RingSigner", ring.ring, {}, options);
    if (plan) {
      const active = activeKey(ring);
      const key = material.keys.find((candidate) => candidate.record === active);
      this.expected =
        active === undefined
          ? `keyturn ${ring.ring}: no active key yet`
          : `keyturn ${ring.ring} ${active.name} kid ${active.kid}`;
      const secret = new cloudflare.SecretsStoreSecret(
        `${ring.ring}.signer`,
        {
          accountId: plan.accountId,
          storeId: plan.storeId,
          name: plan.secretName,
          comment: this.expected,
          scopes: ["workers"],
          value:
            key?.signing === undefined
              ? pulumi.secret(NO_KEY_YET)
              : key.signing.apply((jwk) => JSON.stringify(jwk)),
        },
        {
          parent: this,
          dependsOn: [...published],
          additionalSecretOutputs: ["value"],
          // An issuer that does not find its key signs nothing: an older checkout must not take the secret away.
          protect: !plan.deletable,
        },
      );
      this.comment = secret.comment as pulumi.Output<string>;
    }
    this.registerOutputs({});
  }
}
