import { z } from "zod";
import { count, duration, flag, text, texts, word } from "./schemaParts.ts";
import { CLAIM_TYPES } from "./types.ts";

const scope = z
  .strictObject({
    claim: text("Name of the claim; scope where it is left out.", "scp").optional(),
    as: word(
      ["words", "array"],
      "How the claim holds scopes: words of one text (the usual way), or an array.",
    ).optional(),
    length: count("For an array: how many elements are looked at.", 32).optional(),
  })
  .describe("How tokens carry scopes.");

const tokens = z
  .strictObject({
    issuer: texts(
      "The iss of every token, letter by letter; of several any one, new tokens have the first.",
      "https://auth.example.com/",
    ).optional(),
    audience: texts("The aud that a token must have, alone or in a list; of several any one.", "api"),
    lifetime: duration("Longest time from iat to exp", "15m").optional(),
    long: flag("True where a lifetime of more than 24h is meant.").optional(),
    scope: scope.optional(),
    claims: z
      .record(
        text("Name of a claim.", "tenant"),
        word(CLAIM_TYPES, "What the claim is; texts and integers are arrays."),
      )
      .describe(
        "All claims beside the registered ones and scopes; where they are listed, rules may use no other.",
      )
      .optional(),
  })
  .describe("What tokens of the ring are like.");

const hmac = z
  .strictObject({
    parameter: text("Query parameter of a link that holds its time and MAC; always the last one.", "verify"),
    lifetime: duration("How long a link holds", "3h").optional(),
    longestLifetime: duration("Where links are dated ahead: the longest that one may live", "24h").optional(),
    long: flag("True where a lifetime of more than 24h is meant.").optional(),
    bind: z
      .array(word(["path", "query"], "What a link is signed for."))
      .describe("[path], or [path, query] where links carry other parameters, which are then signed too.")
      .optional(),
  })
  .describe("A ring of shared secrets that sign links.");

const rotation = z
  .strictObject({
    every: duration("From one rotation to the next", "90d"),
    lead: duration("From a key's publication to its first production token", "15m").optional(),
    overlap: duration("From a promotion to the retirement of the key before", "24h").optional(),
    signerLag: duration("How long an issuer may go on signing with the old key", "15m").optional(),
    propagation: duration("Until the last point of presence has learned of a change", "10m").optional(),
    consumersCache: duration("How long other verifiers may use a cached JWKS", "24h").optional(),
  })
  .describe("When and how keys change; what is left out has a safe default.");

const signer = z
  .strictObject({
    secretsStore: text(
      "Name of the Secrets Store secret that holds the active key.",
      "auth-signing-key",
    ).optional(),
    output: z
      .literal(true, { error: "expected true" })
      .describe("True: the active key is an encrypted output of the stack.")
      .optional(),
  })
  .describe("Where the issuer finds the key it signs with.");

const from = z
  .strictObject({
    issuer: text(
      "An OpenID provider, by its issuer: its discovery document says where its keys are.",
      "https://example.eu.auth0.com/",
    ).optional(),
    jwks: text("Address of a JWKS.", "https://auth.example.com/.well-known/jwks.json").optional(),
    access: text("Name of a Cloudflare Access team: its keys, and its issuer.", "example").optional(),
    file: text(
      "A file beside the definitions: JWKS, JWK or PEM, public keys alone.",
      "keys/hsm.pem",
    ).optional(),
    kid: text(
      "For a file with one key that does not name its own: the kid of its tokens.",
      "hsm-1",
    ).optional(),
    renewBy: text(
      "The day before which another key is to be made, as in 2027-06-30.",
      "2027-06-30",
    ).optional(),
  })
  .describe("Public keys that somebody else makes: an identity provider, an HSM, a KMS.");

/** One ring under `keys`. */
export const ringSchema = z.strictObject({
  was: text("The id that this ring had before; its keys stay.", "shop").optional(),
  algorithm: text(
    "ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512, HS256, HS384 or HS512.",
    "ES256",
  ).optional(),
  modulus: count("RSA only: bits of the next key's modulus.").optional(),
  tokens: tokens.optional(),
  hmac: hmac.optional(),
  from: from.optional(),
  algorithms: z
    .array(text("RS256, ES256, ...", "RS256"))
    .min(1)
    .describe("With from: what its keys are, where they do not say it; keys of others are left out.")
    .optional(),
  rotation: rotation.optional(),
  signer: signer.optional(),
  publish: z
    .strictObject({ jwks: flag("True where others verify by a published JWKS too.") })
    .describe("Who verifies besides Cloudflare.")
    .optional(),
});
