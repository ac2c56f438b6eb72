import { decodeJwt, readHeader } from "./decodeJwt.ts";
import { finding, type Refusal, type Warning } from "./finding.ts";
import { type Expectation, judgeClaims } from "./judgeClaims.ts";
import { publicPart } from "./publicPart.ts";
import type { TokenKey } from "./readKeys.ts";
import { selectKey } from "./selectKey.ts";
import { quote } from "./words.ts";

/** The judgement of a token. `refusals` is empty exactly when it is accepted; its first entry decided. */
export interface JwtVerdict {
  readonly accepted: boolean;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** From the header, where it could be read. */
  readonly kid?: string;
  readonly alg?: string;
  /** Only of a token whose signature was verified. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Judges a JWT as Cloudflare's edge would with these keys, then `iss` and `aud` as keyturn's rules would.
 * Answers every reason at once; never throws for a bad token, and no answer holds the token.
 */
export async function verifyJwt(
  text: string,
  keys: readonly TokenKey[],
  expected: Expectation,
): Promise<JwtVerdict> {
  const decoded = decodeJwt(text);
  if (!decoded.ok) return refused(decoded.refusal);
  const { jwt } = decoded;
  const header = readHeader(jwt.header);
  if (!header.ok) return refused(header.refusal);
  const { kid, alg } = header;
  const selection = selectKey(header, keys);
  if (selection.refusal) return { ...refused(selection.refusal), kid, alg };
  const key = await findSigner(jwt.token, alg, selection.candidates);
  if (key === undefined) {
    const message = `the signature was not made with the key ${quote(kid)} (${alg})`;
    return { ...refused(finding("TOKEN_SIGNATURE_INVALID", message)), kid, alg };
  }
  const assumptions = [
    ...key.assumed.map(assumption),
    ...(key.jwk.use === "enc"
      ? [finding("KEY_FOR_ENCRYPTION", `the key ${quote(kid)} says \`use: enc\``)]
      : []),
  ];
  if (jwt.claims === undefined) {
    const refusal = finding("TOKEN_CLAIMS_INVALID", "the signed content is no usable JSON object");
    return { ...refused(refusal), warnings: assumptions, kid, alg };
  }
  const { refusals, warnings } = judgeClaims(jwt.claims, expected);
  const accepted = refusals.length === 0;
  return { accepted, refusals, warnings: [...assumptions, ...warnings], kid, alg, claims: jwt.claims };
}

async function findSigner(
  token: string,
  alg: string,
  candidates: readonly TokenKey[],
): Promise<TokenKey | undefined> {
  const { compactVerify, errors } = await import("jose");
  for (const key of candidates) {
    try {
      await compactVerify(token, publicPart(key.jwk), { algorithms: [alg] });
      return key;
    } catch (error) {
      // A key that passed `keyProblem` and still cannot be imported (a point off its curve) verifies nothing either.
      const expected =
        error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException;
      if (!expected) throw error;
    }
  }
  return undefined;
}

function assumption(member: "kid" | "alg"): Warning {
  return member === "kid"
    ? finding("KEY_KID_ASSUMED", "the given key has no kid, so the token's kid was not checked")
    : finding("KEY_ALG_ASSUMED", "the given key has no alg, so the usual one of its type was taken");
}

function refused(refusal: Refusal): JwtVerdict {
  return { accepted: false, refusals: [refusal], warnings: [] };
}
