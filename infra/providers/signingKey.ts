import * as pulumi from "@pulumi/pulumi";

/** What makes a key, for life; from the ledger, never from the definitions. */
export interface SigningKeyInputs {
  readonly ring: string;
  readonly key: string;
  /** JWS algorithm (RFC 7518 §3.1) with an asymmetric key. */
  readonly algorithm: string;
  /** RSA modulus length in bits; 0 for elliptic curves. */
  readonly size: number;
}

const signingKeyProvider: pulumi.dynamic.ResourceProvider = {
  async check(olds: SigningKeyInputs, news: SigningKeyInputs) {
    const changed =
      olds?.algorithm !== undefined && (olds.algorithm !== news.algorithm || olds.size !== news.size);
    const failures = changed
      ? [
          {
            property: "algorithm",
            reason: `KEY_CHANGED: key ${news.key} of ring ${news.ring} is ${olds.algorithm} and stays it for life. Put ${olds.algorithm} back in the definitions and run \`pulumi up\`; once the key is in the ledger, a change of the algorithm makes the next key with it`,
          },
        ]
      : [];
    return { inputs: news, failures };
  },

  async diff() {
    return { changes: false };
  },

  async create(inputs: SigningKeyInputs) {
    const jose = await import("jose");
    const pair = await jose.generateKeyPair(inputs.algorithm, {
      extractable: true,
      modulusLength: inputs.size,
    });
    const publicJwk = await jose.exportJWK(pair.publicKey);
    const privateJwk = await jose.exportJWK(pair.privateKey);
    const kid = await jose.calculateJwkThumbprint(publicJwk);
    return { id: kid, outs: { ...inputs, kid, publicJwk, privateJwk } };
  },

  async read(id: string, props: object) {
    return { id, props };
  },
};

/**
 * An asymmetric key pair made by jose. The `kid` is the RFC 7638 thumbprint of the public key; the private JWK
 * is a secret output and nothing else holds it.
 */
export class SigningKey extends pulumi.dynamic.Resource {
  declare readonly kid: pulumi.Output<string>;
  declare readonly publicJwk: pulumi.Output<Record<string, string>>;
  declare readonly privateJwk: pulumi.Output<Record<string, string>>;

  constructor(name: string, inputs: SigningKeyInputs, options: pulumi.CustomResourceOptions) {
    super(
      signingKeyProvider,
      name,
      { ...inputs, kid: undefined, publicJwk: undefined, privateJwk: undefined },
      { ...options, additionalSecretOutputs: ["privateJwk"] },
      "keyturn",
      "SigningKey",
    );
  }
}
