import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isSymmetric } from "../model/facts/algorithms.ts";
import type { KeyRecord, PublicJwk, RingLedger } from "../model/ring/ledger.ts";
import { MEND_MATERIAL } from "../model/ring/mending.ts";
import { hasEnded, keysWithMaterial } from "../model/ring/realize.ts";
import { SigningKey } from "./providers/signingKey.ts";

/** A private or symmetric JWK (RFC 7517) with `kid` and `alg`. */
export type SigningJwk = Readonly<Record<string, string>>;

/** The material of one key as its resources report it. */
export interface KeyMaterial {
  readonly record: KeyRecord;
  readonly kid: pulumi.Output<string>;
  /** Public members; null for a symmetric key. */
  readonly jwk: pulumi.Output<PublicJwk | null>;
  /** The whole JWK that signs, secret; undefined where somebody else has it. */
  readonly signing: pulumi.Output<SigningJwk> | undefined;
  /** A symmetric key's secret text, whose UTF-8 bytes are the key; secret. */
  readonly text: pulumi.Output<string> | undefined;
}

/**
 * Makes the keys that a ring's ledger lists. What a key is made of comes from the ledger alone: a changed
 * definition would otherwise silently make another key under the same kid.
 */
export class RingMaterial extends pulumi.ComponentResource {
  readonly keys: readonly KeyMaterial[];
  readonly #linkParameter: string | undefined;
  readonly #deletable: boolean;

  constructor(
    ring: RingLedger,
    args: { readonly linkParameter: string | undefined; readonly deletable: boolean },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("keyturn:index:RingMaterial", ring.ring, {}, options);
    this.#linkParameter = args.linkParameter;
    this.#deletable = args.deletable;
    this.keys = keysWithMaterial(ring).map((record) => {
      if (ring.kind === "mirror") return foreign(record);
      const name = `${ring.ring}.${record.name}`;
      return isSymmetric(record.algorithm)
        ? this.#symmetric(name, ring, record)
        : this.#asymmetric(name, ring, record);
    });
    this.registerOutputs({});
  }

  #asymmetric(name: string, ring: RingLedger, record: KeyRecord): KeyMaterial {
    const inputs = { ring: ring.ring, key: record.name, algorithm: record.algorithm, size: record.size };
    const pair = new SigningKey(name, inputs, { parent: this, protect: this.#protects(record) });
    const kid = pair.kid.apply((found) => sameKid(ring, record, found));
    return {
      record,
      kid,
      jwk: pair.publicJwk.apply((jwk) => jwk as PublicJwk),
      signing: pulumi
        .all([pair.privateJwk, kid])
        .apply(([jwk, id]): SigningJwk => ({ ...jwk, kid: id, alg: record.algorithm })),
      text: undefined,
    };
  }

  /**
   * A tainted key would be replaced before anything could refuse it, and the old one be lost. A key that the ledger
   * has not recorded yet is open: a run that ends half-way would leave it behind, and the next one must be able to
   * delete it.
   */
  #protects(record: KeyRecord): boolean {
    return !this.#deletable && record.kid !== null && !hasEnded(record);
  }

  /**
   * `RandomPassword` and no other resource of that package holds a secret: the others carry their value as their
   * id, in plain text. The kid is random too, since a thumbprint would publish a hash of the secret; it is public,
   * so it may be an id.
   */
  #symmetric(name: string, ring: RingLedger, record: KeyRecord): KeyMaterial {
    const protect = this.#protects(record);
    const password = new random.RandomPassword(
      name,
      { length: record.size, special: false },
      { parent: this, protect, additionalSecretOutputs: ["result"] },
    );
    const kid =
      ring.kind === "hmac"
        ? pulumi.output(`${ring.ring}-${record.name}`)
        : new random.RandomId(`${name}.kid`, { byteLength: 16 }, { parent: this, protect }).hex;
    const signing = pulumi.all([password.result, kid]).apply(
      ([text, id]): SigningJwk => ({
        kty: "oct",
        k: Buffer.from(text, "utf8").toString("base64url"),
        kid: id,
        alg: record.algorithm,
        ...(this.#linkParameter === undefined ? {} : { use: "sig", parameter: this.#linkParameter }),
      }),
    );
    return {
      record,
      kid: kid.apply((found) => sameKid(ring, record, found)),
      jwk: pulumi.output(null),
      signing: pulumi.secret(signing),
      text: password.result,
    };
  }
}

/** A key of somebody else: the ledger has all there is. */
function foreign(record: KeyRecord): KeyMaterial {
  return {
    record,
    kid: pulumi.output(record.kid ?? ""),
    jwk: pulumi.output(record.jwk),
    signing: undefined,
    text: undefined,
  };
}

/** A resource that was replaced or tainted must not pass for the key that the ledger knows. */
function sameKid(ring: RingLedger, record: KeyRecord, found: string): string {
  if (record.kid === null || record.kid === found) return found;
  throw new pulumi.RunError(
    `OTHER_MATERIAL: key ${record.name} of ring ${ring.ring} is ${record.kid} in the ledger, and its resource now holds another key. ${MEND_MATERIAL}`,
  );
}
