import type { Choices } from "../choices.ts";
import type { PreparedConfiguration } from "./configuration.ts";
import { type DecodedToken, decodeToken, readDocument } from "./decode.ts";
import { extractToken, type TokenCarrier } from "./source.ts";

/** Seconds of tolerance on `exp` and `nbf` (developers.cloudflare.com/api-shield, asOf 2026-11). */
export const LEEWAY_SECONDS = 60;

/** Why a token is not valid. */
export type TokenProblem =
  | "missing"
  | "malformed"
  | "noMatchingKey"
  | "badSignature"
  | "badClaims"
  | "expired"
  | "notYetValid";

/** What the edge knows of a request's token under one configuration. Claims exist only for a valid one. */
export type TokenVerdict =
  | { readonly valid: false; readonly present: boolean; readonly problem: TokenProblem }
  | {
      readonly valid: true;
      readonly present: true;
      /** The claims document as it was sent. */
      readonly document: string;
      readonly claims: Readonly<Record<string, unknown>>;
    };

/**
 * Validates as developers.cloudflare.com/api-shield describes it (asOf 2026-11): extract, decode, select the
 * key by kid and alg, verify, then `exp` and `nbf` with 60 s of leeway. `nowMs` is in milliseconds. Never throws.
 */
export function validateRequest(
  configuration: PreparedConfiguration,
  carrier: TokenCarrier,
  nowMs: number,
  choices: Choices,
): TokenVerdict {
  const token = extractToken(configuration.sources, carrier, choices);
  if (token === undefined) return { valid: false, present: false, problem: "missing" };
  return validateToken(configuration, token, nowMs, choices);
}

/** As `validateRequest`, for a token already in hand. */
export function validateToken(
  configuration: PreparedConfiguration,
  token: string,
  nowMs: number,
  choices: Choices,
): TokenVerdict {
  const decoded = decodeToken(token, choices);
  if (decoded === undefined) return whenMalformed(token, choices);
  return verifyDecoded(configuration, decoded, nowMs, choices);
}

/** The verdict on a value that is no token. */
export function whenMalformed(value: string, choices: Choices): TokenVerdict {
  const present = choices.presentMeans === "anyValue" || value.split(".", 4).length === 3;
  return { valid: false, present, problem: "malformed" };
}

/** As `validateToken`, for a token that was taken apart before. */
export function verifyDecoded(
  configuration: PreparedConfiguration,
  decoded: DecodedToken,
  nowMs: number,
  choices: Choices,
): TokenVerdict {
  const selected = configuration.key(decoded.kid, decoded.alg);
  if (selected === undefined) return refused("noMatchingKey");
  let right = false;
  try {
    right = selected.algorithm.verify(selected.key, decoded.signed, decoded.signature);
  } catch {
    // node:crypto throws on some signatures that no signer makes; they are wrong like any other.
  }
  if (!right) return refused("badSignature");
  const document = readDocument(decoded.payload, choices);
  if (document === undefined) return refused("badClaims");
  const { exp, nbf } = document.value;
  const nowSeconds = nowMs / 1000;
  if (exp !== undefined) {
    const at = readTime(exp, choices);
    if (at === undefined) return refused("badClaims");
    const end = at + LEEWAY_SECONDS;
    if (choices.leewayEdge === "exclusive" ? nowSeconds >= end : nowSeconds > end) return refused("expired");
  }
  if (nbf !== undefined) {
    const at = readTime(nbf, choices);
    if (at === undefined) return refused("badClaims");
    if (nowSeconds < at - LEEWAY_SECONDS) return refused("notYetValid");
  }
  return { valid: true, present: true, document: document.text, claims: document.value };
}

/** A NumericDate (RFC 7519 §2) in seconds, or undefined if it is none that this edge accepts. */
function readTime(value: unknown, choices: Choices): number | undefined {
  const number =
    typeof value === "string" && choices.stringTime === "parse" && /^-?\d{1,15}$/.test(value)
      ? Number(value)
      : value;
  if (typeof number !== "number" || Number.isNaN(number)) return undefined;
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return choices.hugeTime === "accept" ? number : undefined;
  if (Number.isInteger(number)) return number;
  if (choices.fractionalTime === "refuse") return undefined;
  return choices.fractionalTime === "floor" ? Math.floor(number) : number;
}

function refused(problem: TokenProblem): TokenVerdict {
  return { valid: false, present: true, problem };
}
