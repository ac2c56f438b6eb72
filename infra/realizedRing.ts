import * as pulumi from "@pulumi/pulumi";
import type { RingLedger } from "../model/ring/ledger.ts";
import { keyRole } from "../model/ring/realize.ts";
import type { RingMaterial, SigningJwk } from "./ringMaterial.ts";
import type { RingSigner } from "./ringSigner.ts";

/** The keys of a ring as issuers, canaries and `token` commands use them. Secret, whole. */
export interface RingSigners {
  readonly active?: SigningJwk;
  readonly pending?: SigningJwk;
  readonly retiring: readonly SigningJwk[];
  /** Taken away, and kept until the edge is seen to refuse them. */
  readonly retired: readonly SigningJwk[];
}

/** What a ring's resources say once they are done. */
export interface Realized {
  readonly ledger: RingLedger;
  readonly signers: RingSigners;
}

/**
 * The ring's ledger, computed from the echoes of every resource that realizes it: a failed, skipped or untargeted
 * resource leaves an older serial behind, this throws, and the stack keeps its old ledger.
 *
 * @param echoes the serial as each realizing resource reports it, by the resource's name
 */
export function realized(
  ring: RingLedger,
  material: RingMaterial,
  signer: RingSigner,
  echoes: Readonly<Record<string, pulumi.Output<number | undefined>>>,
): pulumi.Output<Realized> {
  const keys = material.keys.map((key) => pulumi.all([key.kid, key.jwk, key.signing]));
  return pulumi
    .all([pulumi.all(echoes), signer.comment, pulumi.all(keys)])
    .apply(([serials, comment, made]) => {
      for (const [name, serial] of Object.entries(serials)) {
        if (serial !== ring.serial) throw notRealized(ring, name, `serial ${serial}`);
      }
      if (signer.expected !== undefined && comment !== signer.expected)
        throw notRealized(ring, "signer", "another key");
      const records = ring.keys.map((record) => {
        const index = material.keys.findIndex((key) => key.record === record);
        const found = made[index];
        return found === undefined ? record : { ...record, kid: found[0], jwk: found[1] };
      });
      const jwks = material.keys.map((key, index) => ({
        role: keyRole(key.record),
        jwk: made[index]?.[2] as SigningJwk,
      }));
      const of = (role: string) => jwks.filter((entry) => entry.role === role).map((entry) => entry.jwk);
      const [active] = of("active");
      const [pending] = of("pending");
      return {
        ledger: { ...ring, keys: records },
        signers: {
          ...(active === undefined ? {} : { active }),
          ...(pending === undefined ? {} : { pending }),
          retiring: of("retiring"),
          retired: of("retired"),
        },
      };
    });
}

function notRealized(ring: RingLedger, resource: string, has: string): Error {
  return new pulumi.RunError(
    `NOT_REALIZED: ${resource} of ring ${ring.ring} is at ${has}, the ledger wants serial ${ring.serial}: the run did not reach it (a target, or a failure). The old ledger stays; run the same command again without --target`,
  );
}
