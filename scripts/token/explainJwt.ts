import { decodeJwt, readHeader } from "./decodeJwt.ts";
import type { Expectation } from "./judgeClaims.ts";
import type { TokenKey } from "./readKeys.ts";
import { selectKey } from "./selectKey.ts";
import { type JwtVerdict, verifyJwt } from "./verifyJwt.ts";
import { describeInstant, isoOf, secondsOf } from "./words.ts";

/** A time claim in words. */
export interface ExplainedTime {
  readonly claim: string;
  readonly at: string;
  readonly relative: string;
}

/** Everything about a JWT that may be shown: neither the token nor its signature nor any key is in it. */
export interface JwtExplanation {
  readonly kind: "jwt";
  readonly header?: Readonly<Record<string, unknown>>;
  /** Not verified unless `verdict.accepted`. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly times: readonly ExplainedTime[];
  readonly keys: readonly {
    readonly key: string;
    readonly kid?: string;
    readonly chosen: boolean;
    readonly why: string;
  }[];
  /** Missing when no keys were given: then nobody can say what the edge would do. */
  readonly verdict?: JwtVerdict;
}

/** Explains a JWT relative to `expected.now`: header, claims, times, which key would be chosen, the verdict. */
export async function explainJwt(
  text: string,
  keys: readonly TokenKey[],
  expected: Expectation,
): Promise<JwtExplanation> {
  const decoded = decodeJwt(text);
  if (!decoded.ok) {
    return { kind: "jwt", times: [], keys: [], verdict: await verifyJwt(text, keys, expected) };
  }
  const { header, claims } = decoded.jwt;
  const readable = readHeader(header);
  const judgements = readable.ok ? selectKey(readable, keys).judgements : [];
  const undecided = keys.length === 0 && readable.ok;
  return {
    kind: "jwt",
    header,
    ...(claims ? { claims } : {}),
    times: explainTimes(claims ?? {}, secondsOf(expected.now)),
    keys: judgements.map(({ key, chosen, why }) => ({
      key: key.label,
      ...(key.jwk.kid === undefined ? {} : { kid: key.jwk.kid }),
      chosen,
      why,
    })),
    ...(undecided ? {} : { verdict: await verifyJwt(text, keys, expected) }),
  };
}

function explainTimes(claims: Readonly<Record<string, unknown>>, now: number): ExplainedTime[] {
  return ["iat", "nbf", "exp"].flatMap((claim) => {
    const value = claims[claim];
    if (typeof value !== "number" || !Number.isFinite(value)) return [];
    return [{ claim, at: isoOf(value), relative: describeInstant(value, now) }];
  });
}
