/** The text of a key set → its keys. */
import { calculateJwkThumbprint, exportJWK, importJWK, importSPKI, type JWK } from "jose";
import { z } from "zod";
import type { AdoptedKey } from "../ring/ledger.ts";
import { type Conversion, convert, type SetContext } from "./convert.ts";
import { type ForeignKey, foreignKey } from "./foreignKey.ts";

/** Bytes of the largest set that is looked at: 16 RSA keys of 8192 bits with their certificates fit. */
export const MAX_SET_BYTES = 64 * 1024;

const keySet = z.object({ keys: z.array(foreignKey) });

type Reading = { readonly keys: readonly ForeignKey[] } | { readonly reason: string };

/**
 * Reads a JWKS (RFC 7517 section 5), a single JWK or, from a file, public keys in PEM (SubjectPublicKeyInfo, RFC 5280),
 * and converts it.
 *
 * @param text of a file or an answer
 * @param kid for the one key of a file that does not name its own; PEM keys get their thumbprint (RFC 7638) otherwise
 */
export async function readSet(text: string, context: SetContext, kid?: string): Promise<Conversion> {
  const read = await keysIn(text, kid);
  if ("reason" in read) return { keys: [], notices: [], reasons: [read.reason] };
  const converted = convert(read.keys, context);
  const unusable = (await Promise.all(converted.keys.map(unreadable))).filter((each) => each !== undefined);
  return unusable.length === 0 ? converted : { ...converted, keys: [], reasons: unusable };
}

async function keysIn(text: string, kid: string | undefined): Promise<Reading> {
  if (Buffer.byteLength(text) > MAX_SET_BYTES)
    return { reason: `the set is larger than ${MAX_SET_BYTES / 1024} KiB` };
  if (text.includes("-----BEGIN")) return keysOfPem(text, kid);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: "the answer is not JSON, so it is no key set" };
  }
  const set = keySet.safeParse(value);
  if (set.success) return { keys: named(set.data.keys, kid) };
  const one = foreignKey.safeParse(value);
  if (one.success) return { keys: named([one.data], kid) };
  const where = set.error.issues[0]?.path.join(".") ?? "";
  return { reason: `the JSON is no key set (RFC 7517 section 5): ${where || "keys"} does not fit` };
}

function named(keys: readonly ForeignKey[], kid: string | undefined): readonly ForeignKey[] {
  if (kid === undefined || keys.length !== 1) return keys;
  return keys.map((key) => ({ ...key, kid: key.kid ?? kid }));
}

async function keysOfPem(text: string, kid: string | undefined): Promise<Reading> {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return {
      reason:
        "the file holds a private key: treat it as leaked, make another one, and give its public part (openssl pkey -pubout)",
    };
  }
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0)
    return { reason: "the PEM has no PUBLIC KEY block: openssl pkey -pubout writes one" };
  const keys: ForeignKey[] = [];
  for (const [index, block] of blocks.entries()) {
    const jwk = await publicJwk(block);
    if (jwk === undefined)
      return { reason: `PEM block ${index + 1} is no RSA key and none on P-256 or P-384` };
    const own = blocks.length === 1 ? kid : undefined;
    keys.push({ ...foreignKey.parse(jwk), kid: own ?? (await calculateJwkThumbprint(jwk)) });
  }
  return { keys };
}

/** A block says its type itself; jose wants to be told, so it is tried. */
async function publicJwk(block: string): Promise<JWK | undefined> {
  for (const alg of ["ES256", "ES384", "RS256"]) {
    try {
      return await exportJWK(await importSPKI(block, alg, { extractable: true }));
    } catch {
      // Another type.
    }
  }
  return undefined;
}

/** A point off its curve, or a number that is none, is no key. */
async function unreadable({ kid, algorithm, jwk }: AdoptedKey): Promise<string | undefined> {
  try {
    const { kty, crv = "", x = "", y = "", n = "", e = "" } = jwk;
    await importJWK(kty === "EC" ? { kty, crv, x, y } : { kty, n, e }, algorithm);
    return undefined;
  } catch {
    return `key ${kid} is no ${algorithm} key: its numbers do not fit`;
  }
}
