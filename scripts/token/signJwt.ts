import type { JWK, JWTPayload } from "jose";
import type { TokenSource } from "../../model/definition/types.ts";
import { quote, secondsOf, TokenInputError } from "./findings.ts";
import { keyProblem } from "./keyProblem.ts";

/** What to sign, with which key, for how long. */
export interface SignJwtInput {
  /** Private JWK with `kid` and `alg`. */
  readonly jwk: JWK;
  /** Claims except `exp`, `iat`, `nbf`, `jti`, which are set here. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** `exp − iat`, whole seconds above 0. */
  readonly lifetimeSeconds: number;
  readonly now: Date;
  /** Dates `iat` back and sets `nbf` to it, for verifiers whose clocks run late. Takes from the lifetime. */
  readonly backdateSeconds?: number | undefined;
  readonly jti?: string | undefined;
}

export interface SignedJwt {
  readonly token: string;
  readonly kid: string;
  readonly alg: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const reserved = ["exp", "iat", "nbf", "jti"];

/**
 * Signs a JWT (RFC 7519) whose header holds `alg`, `kid` and `typ`. `exp` is always set and never further
 * from `iat` than the lifetime. Throws `TokenInputError`.
 */
export async function signJwt(input: SignJwtInput): Promise<SignedJwt> {
  const { jwk, claims, lifetimeSeconds, jti } = input;
  const { kid, alg } = signable(jwk);
  const taken = reserved.filter((name) => Object.hasOwn(claims, name));
  if (taken.length > 0) {
    throw new TokenInputError(
      "CLAIM_RESERVED",
      `the signer sets ${taken.map((name) => `\`${name}\``).join(", ")} itself`,
    );
  }
  checkSeconds("lifetime", lifetimeSeconds, 1);
  const backdate = input.backdateSeconds ?? 0;
  checkSeconds("back-dating", backdate, 0);
  if (backdate >= lifetimeSeconds) {
    throw new TokenInputError("LIFETIME_INVALID", "the token would be dated back by its whole lifetime");
  }
  const iat = Math.floor(secondsOf(input.now)) - backdate;
  const payload: JWTPayload = {
    ...claims,
    iat,
    ...(backdate > 0 ? { nbf: iat } : {}),
    exp: iat + lifetimeSeconds,
    ...(jti === undefined ? {} : { jti }),
  };
  const { SignJWT } = await import("jose");
  const token = await new SignJWT(payload)
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .sign(jwk)
    .catch(() => {
      // The library's reason may quote the key; ours names the rule that is left.
      throw new TokenInputError(
        "KEY_UNUSABLE",
        `the key ${quote(kid)} does not sign: its private members do not fit together`,
      );
    });
  return { token, kid, alg, claims: payload };
}

/** `kid` and `alg` of a key that can sign; throws `TokenInputError` naming what it lacks. */
function signable(jwk: JWK): { readonly kid: string; readonly alg: string } {
  const { kid, alg } = jwk;
  if (!kid)
    throw new TokenInputError(
      "KEY_MEMBER_MISSING",
      "the key has no `kid`, without which the edge finds no key",
    );
  if (!alg) throw new TokenInputError("KEY_MEMBER_MISSING", `the key ${quote(kid)} has no \`alg\``);
  const problem = keyProblem(jwk);
  if (problem)
    throw new TokenInputError("KEY_UNUSABLE", `Cloudflare does not take the key ${quote(kid)}: ${problem}`);
  if (jwk.kty !== "oct" && typeof jwk.d !== "string") {
    throw new TokenInputError("KEY_NOT_PRIVATE", `the key ${quote(kid)} is public`);
  }
  return { kid, alg };
}

function checkSeconds(what: string, seconds: number, least: number): void {
  if (!Number.isSafeInteger(seconds) || seconds < least) {
    throw new TokenInputError(
      "LIFETIME_INVALID",
      `the ${what} is ${seconds} s; it has to be a whole number from ${least} on`,
    );
  }
}

/** The header that takes a token to the edge, where its host has tokens. */
export function carried({ kind, name }: TokenSource, token: string): readonly [name: string, value: string] {
  switch (kind) {
    case "header":
      return [name, `Bearer ${token}`];
    case "cookie":
      return ["cookie", `${name}=${token}`];
  }
}
