import { formatDuration } from "../../model/facts/durations.ts";
import { selectKey } from "./chooseKey.ts";
import { decodeJwt, readHeader } from "./decodeJwt.ts";
import { leewaySeconds } from "./edgeFacts.ts";
import { describeInstant, finding, isoOf, quote, type Refusal, secondsOf, type Warning } from "./findings.ts";
import { publicPart } from "./keyProblem.ts";
import type { TokenKey } from "./readKeys.ts";

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

/** What claims are held against. */
export interface Expectation {
  readonly now: Date;
  /** Seconds; the edge's 60 unless another verifier is to be imitated. */
  readonly leewaySeconds?: number;
  /** One of them; undefined: any. */
  readonly issuers?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
  /** The lifetime that the ring declares, in seconds; only warns. */
  readonly lifetimeSeconds?: number | undefined;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Judges verified claims: first what the edge checks (`exp`, `nbf`), then what keyturn's rules check (`iss`,
 * `aud`). All reasons, the edge's first. What is not documented is decided in `edgeChoices`.
 */
export function judgeClaims(
  claims: Claims,
  expected: Expectation,
): { readonly refusals: readonly Refusal[]; readonly warnings: readonly Warning[] } {
  const refusals = [...judgeForm(claims), ...judgeTimes(claims, expected), ...judgeParties(claims, expected)];
  return { refusals, warnings: warningsOf(claims, expected, refusals.length === 0) };
}

function judgeForm(claims: Claims): Refusal[] {
  return ["exp", "nbf"]
    .filter((name) => claims[name] !== undefined && !isTime(claims[name]))
    .map((name) =>
      finding("TOKEN_CLAIMS_INVALID", `\`${name}\` is ${quote(claims[name])}, no whole number of seconds`),
    );
}

function judgeTimes(claims: Claims, expected: Expectation): Refusal[] {
  const now = secondsOf(expected.now);
  const leeway = expected.leewaySeconds ?? leewaySeconds;
  const allowed = `${leeway} s of leeway are allowed`;
  const refusals: Refusal[] = [];
  const { exp, nbf } = claims;
  if (isTime(exp) && now >= exp + leeway) {
    refusals.push(
      finding("TOKEN_EXPIRED", `it expired ${describeInstant(exp, now)} (exp ${isoOf(exp)}); ${allowed}`),
    );
  }
  if (isTime(nbf) && now < nbf - leeway) {
    const when = describeInstant(nbf, now);
    refusals.push(finding("TOKEN_NOT_YET_VALID", `it becomes valid ${when} (nbf ${isoOf(nbf)}); ${allowed}`));
  }
  return refusals;
}

function judgeParties({ iss, aud }: Claims, { issuers, audiences }: Expectation): Refusal[] {
  const refusals: Refusal[] = [];
  const expected = (values: readonly string[]) =>
    `expected ${values.map((value) => quote(value)).join(" or ")}`;
  if (issuers !== undefined && !issuers.some((issuer) => issuer === iss)) {
    refusals.push(finding("TOKEN_ISSUER_MISMATCH", `\`iss\` is ${quote(iss)}, ${expected(issuers)}`));
  }
  const found: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (audiences !== undefined && !audiences.some((audience) => found.includes(audience))) {
    refusals.push(finding("TOKEN_AUDIENCE_MISMATCH", `\`aud\` is ${quote(aud)}, ${expected(audiences)}`));
  }
  return refusals;
}

function warningsOf(claims: Claims, expected: Expectation, accepted: boolean): Warning[] {
  const now = secondsOf(expected.now);
  const { exp, nbf, iat } = claims;
  const warnings: Warning[] = [];
  if (exp === undefined) {
    warnings.push(
      finding("TOKEN_EXP_MISSING", "it has no `exp`: the edge accepts it until its key is removed"),
    );
  }
  if (accepted && isTime(exp) && now >= exp) {
    warnings.push(
      finding("TOKEN_WITHIN_LEEWAY", `it expired ${describeInstant(exp, now)} and passes by the leeway only`),
    );
  }
  if (accepted && isTime(nbf) && now < nbf) {
    warnings.push(
      finding(
        "TOKEN_WITHIN_LEEWAY",
        `it becomes valid ${describeInstant(nbf, now)} and passes by the leeway only`,
      ),
    );
  }
  for (const name of ["exp", "nbf", "iat"]) {
    if (Number(claims[name]) >= LEAST_MILLISECONDS) {
      const message = `\`${name}\` is ${quote(claims[name])}, in seconds the year ${yearOf(Number(claims[name]))}`;
      warnings.push(finding("TOKEN_TIME_IN_MILLISECONDS", message));
    }
  }
  const limit = expected.lifetimeSeconds;
  if (limit !== undefined && isTime(exp) && isTime(iat) && exp - iat > limit) {
    const lives = formatDuration(Math.floor(exp - iat));
    warnings.push(
      finding(
        "TOKEN_LIFETIME_TOO_LONG",
        `it lives ${lives} (exp − iat), declared are ${formatDuration(limit)}`,
      ),
    );
  }
  return warnings;
}

/** Seconds of the year 5138, milliseconds of 1973: no honest time in seconds is this far ahead. */
const LEAST_MILLISECONDS = 1e11;

function yearOf(seconds: number): number {
  return Math.round(1970 + seconds / (365.2425 * 86_400));
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
