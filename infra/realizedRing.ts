import * as pulumi from "@pulumi/pulumi";
import type { RingLedger } from "../model/ring/ledger.ts";
import { type KeyRole, keyRole } from "../model/ring/realize.ts";
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

/** What a ring's resources say once they are done; two values, so that one is secret and the other shows in full. */
export interface Realized {
  readonly ledger: pulumi.Output<RingLedger>;
  readonly signers: pulumi.Output<RingSigners>;
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
): Realized {
  const made = pulumi.all(material.keys.map((key) => pulumi.all([key.kid, key.jwk])));
  const ledger = pulumi
    .all([pulumi.all(echoes), signer.comment, made])
    .apply(([serials, comment, found]): RingLedger => {
      for (const [name, serial] of Object.entries(serials)) {
        if (serial !== ring.serial) throw notRealized(ring, name, `serial ${serial}`);
      }
      if (signer.expected !== undefined && comment !== signer.expected)
        throw notRealized(ring, "signer", "another key");
      const keys = ring.keys.map((record) => {
        const index = material.keys.findIndex((key) => key.record === record);
        const [kid, jwk] = found[index] ?? [record.kid, record.jwk];
        return { ...record, kid, jwk };
      });
      return { ...ring, keys };
    });
  const roles = material.keys.map((key) => keyRole(key.record));
  const signing = pulumi.all(material.keys.map((key) => key.signing));
  const signers = pulumi.all([signing, ledger]).apply(([jwks]): RingSigners => {
    const of = (role: KeyRole) => jwks.filter((_jwk, index) => roles[index] === role);
    const [active] = of("active");
    const [pending] = of("pending");
    return {
      ...(active === undefined ? {} : { active }),
      ...(pending === undefined ? {} : { pending }),
      retiring: of("retiring"),
      retired: of("retired"),
    };
  });
  return { ledger, signers };
}

function notRealized(ring: RingLedger, resource: string, has: string): Error {
  return new pulumi.RunError(
    `NOT_REALIZED: ${resource} of ring ${ring.ring} is at ${has}, the ledger wants serial ${ring.serial}: the run did not reach it (a target, or a failure). The old ledger stays; run the same command again without --target`,
  );
}
