import * as pulumi from "@pulumi/pulumi";
import type { RingLedger } from "../model/ring/ledger.ts";
import { type KeyRole, keyRole } from "../model/ring/realize.ts";
import { MOVES } from "../model/ring/states.ts";
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

/** What the last successful update said of a ring. */
export interface Former {
  readonly ledger: RingLedger;
  readonly signers: RingSigners;
}

/**
 * The ring's ledger, computed from the echoes of every resource that realizes it: a failed, skipped or untargeted
 * resource leaves an older serial behind, this throws, and the stack keeps its old ledger. A ring that this run does not
 * move is no reason to fail: where a resource of it says something else, a move of its own is half done, and the ring
 * stays as it was.
 *
 * @param echoes the serial as each realizing resource reports it, by the resource's name
 * @param former for a ring that this run does not move
 */
export function realized(
  ring: RingLedger,
  material: RingMaterial,
  signer: RingSigner,
  echoes: Readonly<Record<string, pulumi.Output<number | undefined>>>,
  former: Former | undefined,
): Realized {
  const made = pulumi.all(material.keys.map((key) => pulumi.all([key.kid, key.jwk])));
  const missing = pulumi
    .all([pulumi.all(echoes), signer.comment])
    .apply(([serials, comment]) => notReached(ring, serials, signer.expected, comment));
  const ledger = pulumi.all([missing, made]).apply(([reason, found]): RingLedger => {
    if (reason !== undefined) {
      if (former) return former.ledger;
      throw notRealized(ring, reason);
    }
    const keys = ring.keys.map((record) => {
      const index = material.keys.findIndex((key) => key.record === record);
      const [kid, jwk] = found[index] ?? [record.kid, record.jwk];
      return { ...record, kid, jwk };
    });
    return { ...ring, keys };
  });
  const own = material.keys.flatMap(({ record, signing }) =>
    signing === undefined ? [] : [{ role: keyRole(record), signing }],
  );
  const roles = own.map(({ role }) => role);
  const signing = pulumi.all(own.map((key) => key.signing));
  const signers = pulumi.all([signing, missing, ledger]).apply(([jwks, reason]): RingSigners => {
    if (reason !== undefined && former) return former.signers;
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

/**
 * What has not come as far as the ledger wants; undefined when all has. What only the ledger keeps needs no resource.
 *
 * @param serials as each realizing resource echoes it
 * @param expected the comment of the issuer's secret that names the active key; undefined where nothing is delivered
 * @param comment the one that it has
 */
export function notReached(
  ring: RingLedger,
  serials: Readonly<Record<string, number | undefined>>,
  expected: string | undefined,
  comment: string | undefined,
): string | undefined {
  if (MOVES[ring.move.kind].ledgerOnly) return undefined;
  const late = Object.entries(serials).find(([, serial]) => serial !== ring.serial);
  if (late) return `${late[0]} of ring ${ring.ring} is at serial ${late[1]}`;
  return expected === undefined || comment === expected
    ? undefined
    : `signer of ring ${ring.ring} is at another key`;
}

function notRealized(ring: RingLedger, reason: string): Error {
  return new pulumi.RunError(
    `NOT_REALIZED: ${reason}, the ledger wants serial ${ring.serial}: the run did not reach it (a target, or a failure). The old ledger stays; run the same command again without --target`,
  );
}
