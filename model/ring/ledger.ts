import { createHash } from "node:crypto";
import { z } from "zod";
import { MAX_NAME, MAX_REASON } from "../facts/rotationDefaults.ts";
import { firstMisfit } from "../problem/problem.ts";
import { canonicalJson } from "./canonicalJson.ts";
import { KEY_STATES, MOVE_KINDS } from "./states.ts";

/**
 * The newest ledger format this program reads and the one it writes. An older program refuses a newer one.
 * 4: what the `iss` and `aud` of a ring's tokens may be.
 * 3: rings of kind `mirror`, whose keys somebody else made.
 * 2: keys carry the waits that held while they signed, `condemned` and `announcedAt`; moves may write `over`.
 */
export const LEDGER_FORMAT = 4;

const instant = z.iso.datetime();

const evidence = z.strictObject({
  /** When every zone had read the key back. The lead W counts from here. */
  publishedAt: instant.optional(),
  /** When the canary ended. */
  provedAt: instant.optional(),
  /** Points of presence that answered, from `cf-ray`. */
  pops: z.array(z.string()).optional(),
  rounds: z.number().int().positive().optional(),
  /** When the promotion was seen to be done. */
  observedAt: instant.optional(),
  /** How many production tokens were sampled, all of them signed with the new key. */
  samples: z.number().int().nonnegative().optional(),
});

const publicJwk = z.strictObject({
  kty: z.enum(["EC", "RSA"]),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
});

/** A key of somebody else's set, as Cloudflare is to hold it. */
const adoptedKey = z.strictObject({
  kid: z.string().min(1),
  algorithm: z.string(),
  /** RSA: modulus bits. EC: 0. */
  size: z.number().int().nonnegative(),
  jwk: publicJwk,
});

const move = z.strictObject({
  kind: z.enum(MOVE_KINDS),
  key: z.string(),
  /** The instant at which the move was decided. A record; no wait counts from it. */
  at: instant.optional(),
  /** The key that takes over, for `revoke` of an active key. */
  substitute: z.string().optional(),
  /** When the rotation was due; the schedule goes on from here, however late the run was. */
  plannedAt: instant.optional(),
  reason: z.string().max(MAX_REASON).optional(),
  /** Who says so: the person or report behind `attest`. */
  by: z.string().max(MAX_NAME).optional(),
  /** Writes the ledger's keys whatever is there, and may use the reserve slot: an emergency, or a restore of what was begun. Of `end`: at once. */
  over: z.literal(true).optional(),
  evidence: evidence.optional(),
  /** Of `adopt`: the keys that the ring did not have. */
  set: z.array(adoptedKey).min(1).optional(),
});

const keyOfFormat1 = z.strictObject({
  /** Ordinal within the ring, `k1`, `k2`, …; names the resources and is never used twice. */
  name: z.string().regex(/^k[1-9][0-9]*$/),
  algorithm: z.string(),
  /** RSA: modulus bits. Symmetric: number of characters. EC: 0. What made the key, for life. */
  size: z.number().int().nonnegative(),
  /** The `kid` of its tokens; null until the key exists. */
  kid: z.string().nullable(),
  /** Public members of an asymmetric key; null for a symmetric one and until the key exists. */
  jwk: publicJwk.nullable(),
  state: z.enum(KEY_STATES),
  /** The highest token lifetime that applied at any moment while this key was signing, in seconds. */
  lifetimeSeconds: z.number().int().positive(),
  /** True once it has signed production tokens. */
  hasSigned: z.boolean(),
  plannedAt: instant.optional(),
  publishedAt: instant.optional(),
  provedAt: instant.optional(),
  acknowledgedAt: instant.optional(),
  /** When a person or report said that issuers no longer sign with it. */
  attestedAt: instant.optional(),
  confirmedAt: instant.optional(),
  /** What happened to it, oldest first. */
  history: z.array(z.strictObject({ serial: z.number().int(), move })),
});

const key = keyOfFormat1.extend({
  /** L and O: the longest that applied at any moment while this key was signing, in seconds. */
  signerLagSeconds: z.number().int().nonnegative(),
  overlapSeconds: z.number().int().nonnegative(),
  /** When the published JWKS was seen to have it. */
  announcedAt: instant.optional(),
  /** An operator has revoked it: it is taken away, whatever becomes of the run. */
  condemned: z.literal(true).optional(),
  /** When it was first seen in the set of whoever made it. */
  firstSeenAt: instant.optional(),
  /** Its key set was found changed, and was not written again since. */
  doubted: z.literal(true).optional(),
});

/** What the rules accept as `iss` or `aud` of a ring's tokens. */
const accepted = z.strictObject({
  claim: z.enum(["iss", "aud"]),
  value: z.string(),
  /** When a deploy without it was seen to be done: it is accepted for the ring's longest overlap from then on. */
  leftAt: instant.optional(),
});

const ring = z.strictObject({
  ring: z.string(),
  kind: z.enum(["jwt", "hmac", "mirror"]),
  /** Rises by at least one with each move. */
  serial: z.number().int().positive(),
  move,
  /** Where tokens are, by `tokenPlaces`, that every point of presence is known to read. Absent: not recorded yet. */
  places: z.array(z.string()).optional(),
  /** Absent: not recorded yet. */
  accepts: z.array(accepted).optional(),
  /** When the ring was given up: its resources may be deleted, and definitions must not have it any more. */
  forgottenAt: instant.optional(),
  keys: z.array(key).min(1),
});

const ledger = z.strictObject({
  format: z.literal(LEDGER_FORMAT),
  stack: z.string(),
  rings: z.record(z.string(), ring),
});

/** Formats of before that this one only adds to. */
const ledgerOfFormat2 = ledger
  .extend({ format: z.literal([2, 3]) })
  .transform((known) => ({ ...known, format: LEDGER_FORMAT }) as const);

/** Format 1 kept no waits: the definitions of the next run raise them. */
const ledgerOfFormat1 = z
  .strictObject({
    format: z.literal(1),
    stack: z.string(),
    rings: z.record(
      z.string(),
      ring.extend({
        keys: z
          .array(keyOfFormat1.transform((known) => ({ ...known, signerLagSeconds: 0, overlapSeconds: 0 })))
          .min(1),
      }),
    ),
  })
  .transform((known) => ({ ...known, format: LEDGER_FORMAT }) as const);

export type Accepted = z.infer<typeof accepted>;
export type AdoptedKey = z.infer<typeof adoptedKey>;
export type Evidence = z.infer<typeof evidence>;
export type Move = z.infer<typeof move>;
export type PublicJwk = z.infer<typeof publicJwk>;
export type KeyRecord = z.infer<typeof key>;
export type RingLedger = z.infer<typeof ring>;
export type Ledger = z.infer<typeof ledger>;

export { move as moveSchema };

export type LedgerReading =
  | { readonly ok: true; readonly ledger: Ledger }
  | {
      readonly ok: false;
      readonly code: "LEDGER_LOST" | "LEDGER_FORMAT_NEWER" | "LEDGER_UNREADABLE" | "LEDGER_FOREIGN";
      readonly message: string;
    };

/**
 * Reads the `ledger` output of the last successful update.
 *
 * @param outputs the stack's outputs as the engine answers them; empty for a new stack
 * @param stack `organization/project/stack`
 * @returns the ledger, an empty one for a new stack, or why it must not be used
 */
export function readLedger(outputs: Readonly<Record<string, unknown>>, stack: string): LedgerReading {
  const value = outputs.ledger;
  if (Object.keys(outputs).length === 0) {
    return { ok: true, ledger: { format: LEDGER_FORMAT, stack, rings: {} } };
  }
  if (typeof value !== "object" || value === null) {
    return {
      ok: false,
      code: "LEDGER_LOST",
      message:
        "the stack has outputs and no ledger among them, so its keys are not known: nothing is touched. Restore the state from the stack's history (`pulumi stack history`, `pulumi stack export --version`)",
    };
  }
  const format = (value as { format?: unknown }).format;
  if (typeof format === "number" && format > LEDGER_FORMAT) {
    return {
      ok: false,
      code: "LEDGER_FORMAT_NEWER",
      message: `this stack's ledger has format ${format}, this program knows up to ${LEDGER_FORMAT}: deploy from the newer checkout that wrote it`,
    };
  }
  const parsed = (
    format === 1 ? ledgerOfFormat1 : format === 2 || format === 3 ? ledgerOfFormat2 : ledger
  ).safeParse(value);
  if (!parsed.success) {
    return {
      ok: false,
      code: "LEDGER_UNREADABLE",
      message: `the stack's ledger output is not a ledger (${firstMisfit(parsed.error)}): it was changed by hand, or by a program that is not keyturn; restore it from the stack's history`,
    };
  }
  if (parsed.data.stack !== stack) {
    return renamed(parsed.data, stack);
  }
  return { ok: true, ledger: parsed.data };
}

/** A renamed stack keeps its ledger; only the project has to be the same. */
function renamed(found: Ledger, stack: string): LedgerReading {
  const project = (name: string) => name.split("/")[1];
  if (project(found.stack) !== project(stack)) {
    return {
      ok: false,
      code: "LEDGER_FOREIGN",
      message: `the ledger belongs to ${found.stack}, not to ${stack}: this state was imported from another project`,
    };
  }
  return { ok: true, ledger: { ...found, stack } };
}

/**
 * Fingerprint of one ring's ledger, so that an advance can name what it was decided on.
 *
 * @returns the first 16 hexadecimal digits of the SHA-256 of its canonical JSON; `new` for no ledger
 */
export function ledgerDigest(ringLedger: RingLedger | undefined): string {
  if (ringLedger === undefined) return "new";
  return createHash("sha256").update(canonicalJson(ringLedger)).digest("hex").slice(0, 16);
}
