import type { CodeRow } from "./exitCodes.ts";

/** What a code about a token, link or key means; the message of each case says the particulars. */
type TokenCodeRow = Omit<CodeRow, "exit">;

/** Why Cloudflare's edge, or keyturn's rules behind it, refuse a JWT. */
export const jwtRefusals = {
  TOKEN_MALFORMED: {
    meaning: "The text is no JWT in compact form (RFC 7519 §3): three base64url segments joined by dots.",
    remedy: "Send the token as the issuer returned it, in full and without quotes.",
  },
  TOKEN_ALG_NONE: {
    meaning: "The header says `alg: none`, an unsigned token. The edge has no key for it (RFC 8725 §3.1).",
    remedy: "Let the issuer sign the token.",
  },
  TOKEN_ALG_UNSUPPORTED: {
    meaning: "Cloudflare verifies no tokens with this algorithm.",
    remedy: "Sign with RS/PS256–512, ES256, ES384 or HS256–512.",
  },
  TOKEN_CRIT_UNSUPPORTED: {
    meaning:
      "The header has `crit`: extensions that a verifier must understand or refuse (RFC 7515 §4.1.11).",
    remedy: "Issue tokens without `crit`.",
  },
  TOKEN_KID_MISSING: {
    meaning: "The header names no key. Cloudflare picks the key by `kid` and `alg`, so none is found.",
    remedy: "Let the issuer put the key's `kid` into the header.",
  },
  TOKEN_KID_UNKNOWN: {
    meaning: "No key of the set has the token's `kid`.",
    remedy:
      "Check that the issuer signs with a key of this ring, and that the key is published and not retired yet.",
  },
  TOKEN_ALG_MISMATCH: {
    meaning: "A key has the token's `kid`, but another `alg`. Cloudflare wants both to match.",
    remedy: "Sign with the algorithm of the key; a key has one algorithm for life.",
  },
  TOKEN_KEY_UNUSABLE: {
    meaning: "The key that would be chosen is one that Cloudflare drops or refuses.",
    remedy: "Replace the key; the message says which member is wrong.",
  },
  TOKEN_SIGNATURE_INVALID: {
    meaning: "The signature does not fit header and claims under the chosen key.",
    remedy: "The token was changed on its way, or another key with the same `kid` signed it.",
  },
  TOKEN_CLAIMS_INVALID: {
    meaning: "The signed content is no claims object, or `exp` or `nbf` is no number (RFC 7519 §4.1).",
    remedy: "Issue a JSON object whose `exp` and `nbf` are whole numbers of seconds since 1970.",
  },
  TOKEN_EXPIRED: {
    meaning: "`exp` lies further back than the edge's leeway of 60 s.",
    remedy: "Get a new token; if it is new, compare the clocks of issuer and edge.",
  },
  TOKEN_NOT_YET_VALID: {
    meaning: "`nbf` lies further ahead than the edge's leeway of 60 s.",
    remedy: "Wait, or let the issuer date `nbf` back; compare the clocks.",
  },
  TOKEN_ISSUER_MISMATCH: {
    meaning: "`iss` is not the expected issuer. The edge does not check it; keyturn's rules do.",
    remedy: "Compare `tokens.issuer` of the ring with what the issuer writes, character by character.",
  },
  TOKEN_AUDIENCE_MISMATCH: {
    meaning: "`aud` does not contain the expected audience. The edge does not check it; keyturn's rules do.",
    remedy: "Ask the issuer for a token for this audience, or mend `tokens.audience` of the ring.",
  },
} as const satisfies Record<string, TokenCodeRow>;

/** Why a signed link is refused. */
export const linkRefusals = {
  LINK_MALFORMED: {
    meaning:
      "The link does not end in message, separator, 10-digit time, `-` and MAC, as is_timed_hmac_valid_v0 wants it.",
    remedy: "Make the signed parameter the last one of the query, `?verify=<time>-<MAC>`.",
  },
  LINK_PATH_AMBIGUOUS: {
    meaning:
      "Servers differ in how they read the link's path, so it is refused before its signature is looked at; or the edge rewrites it, and another text would be checked.",
    remedy: "Sign and send a path in the form that the message shows or asks for.",
  },
  LINK_SEPARATOR_MISMATCH: {
    meaning:
      "What stands before the time is not the separator of this ring. The function does not sign it, so the rule asks for it.",
    remedy: "Use `?` and the ring's parameter name, or `&` behind a query that the ring binds.",
  },
  LINK_QUERY_UNBOUND: {
    meaning: "The link has other parameters, and the ring's links are signed for their path alone.",
    remedy: "Write `bind: [path, query]` in the ring's `hmac` to have them signed, or leave them out.",
  },
  LINK_PARAMETER_REPEATED: {
    meaning:
      "The signed parameter stands in the link more than once, and servers differ in which one they read.",
    remedy: "Sign the path and the other parameters only; the signature comes last.",
  },
  LINK_MAC_ENCODING: {
    meaning: "The MAC is not encoded as the rule's flags demand.",
    remedy:
      "Without flags: standard Base64, URL-encoded. With flag s: URL-safe Base64, 43 characters, no padding.",
  },
  LINK_MAC_INVALID: {
    meaning: "No secret of the ring gives this MAC for this path and time.",
    remedy: "The link was changed, was signed for another path, or its secret is retired.",
  },
  LINK_EXPIRED: {
    meaning: "The link is as old as its lifetime or older. The comparison is strict and has no leeway.",
    remedy: "Issue a new link; if it is new, compare the clocks.",
  },
} as const satisfies Record<string, TokenCodeRow>;

/** What deserves attention although the token or link is accepted. */
export const tokenWarnings = {
  TOKEN_EXP_MISSING: {
    meaning: "The token has no `exp`: the edge accepts it until its key is removed.",
    remedy: "Let the issuer set `exp`; a ring whose tokens do not expire cannot be rotated safely.",
  },
  TOKEN_WITHIN_LEEWAY: {
    meaning: "The token is accepted only because of the edge's leeway of 60 s.",
    remedy: "Compare the clocks; a verifier without leeway refuses this token.",
  },
  TOKEN_LIFETIME_TOO_LONG: {
    meaning: "The token lives longer than the ring declares. Rotation waits only for the declared lifetime.",
    remedy: "Shorten the tokens at the issuer, or declare the longer lifetime before the next rotation.",
  },
  TOKEN_TIME_IN_MILLISECONDS: {
    meaning:
      "A time claim lies thousands of years ahead: most likely it counts milliseconds (RFC 7519 §2 wants seconds).",
    remedy: "Divide by 1000 at the issuer; as it is, the token never expires.",
  },
  KEY_FOR_ENCRYPTION: {
    meaning:
      "The key says `use: enc`. Cloudflare does not look at `use` and verifies with it; other verifiers refuse.",
    remedy: "Sign with a key whose `use` is `sig`, and leave keys for encryption out of the ring.",
  },
  KEY_KID_ASSUMED: {
    meaning: "The given key carries no `kid`, so the token's was taken for its own.",
    remedy: "Give --kid, or a JWK with a `kid`, to check it as Cloudflare does.",
  },
  KEY_ALG_ASSUMED: {
    meaning: "The given key carries no `alg`, so the usual one of its type was taken.",
    remedy: "Give --alg, or a JWK with an `alg`.",
  },
  LINK_ISSUED_AHEAD: {
    meaning:
      "The link's time lies in the future. No check against that is documented, so the edge accepts it, and for longer.",
    remedy: "Compare the clocks; if nobody dated the link ahead on purpose, replace the secret.",
  },
} as const satisfies Record<string, TokenCodeRow>;

/** Why a token cannot be signed, or a key cannot be used. */
export const tokenInputErrors = {
  KEY_UNREADABLE: {
    meaning: "The text is no PEM, JWK, JWKS or secret that can be read.",
    remedy: "Give a PEM public key (SPKI), a JWK, a JWKS, or the bare secret of an HS or link ring.",
  },
  KEY_NOT_PRIVATE: {
    meaning: "The key has no private part, so it can verify but not sign.",
    remedy: "Give the private JWK of the active key.",
  },
  KEY_MEMBER_MISSING: {
    meaning: "The key lacks a member without which Cloudflare would not find it.",
    remedy: "Add the member to the JWK, or give --kid or --alg.",
  },
  KEY_NOT_FOUND: {
    meaning:
      "None of the given keys may sign under the wanted kid. Of a ring's keys only the active one signs.",
    remedy: "Give the kid of one of the given keys, or leave --kid out to sign with a ring's active key.",
  },
  KEY_AMBIGUOUS: {
    meaning: "The set holds several keys and nothing says which one to sign with.",
    remedy: "Give --kid.",
  },
  KEY_DOUBLED: {
    meaning:
      "Two keys of a set have the same kid and alg. Cloudflare finds keys by both, and refuses such a set.",
    remedy: "Give every key a kid of its own, for example its thumbprint (RFC 7638).",
  },
  KEY_UNUSABLE: {
    meaning: "Cloudflare would drop or refuse this key.",
    remedy: "Use a key that the message's rule allows.",
  },
  CLAIM_RESERVED: {
    meaning: "A claim was given that the signer sets by itself: `exp`, `iat`, `nbf`, `jti`.",
    remedy: "Leave the claim out; --lifetime and --backdate set the times.",
  },
  LIFETIME_INVALID: {
    meaning: "A lifetime has to be a whole number of seconds above 0.",
    remedy: "Write a duration such as 15m, 24h or 90d.",
  },
  LINK_PATH_INVALID: {
    meaning:
      "The path is not in the form that Cloudflare sees after URL normalization, so the edge would check another text.",
    remedy: "Sign the normalized path; the message shows it where there is one.",
  },
  LINK_PARAMETER_INVALID: {
    meaning: "The name of the signed parameter is empty, not plain, or already in the query.",
    remedy: "Use letters, digits, `_` and `-`, and a name that the query does not have.",
  },
  SIGNERS_UNREADABLE: {
    meaning: "The stack output `signers` does not have the expected form.",
    remedy: "Deploy with a version of keyturn that fits this one.",
  },
} as const satisfies Record<string, TokenCodeRow>;

/** All codes about tokens, links and keys in one table. */
export const tokenCodes = { ...jwtRefusals, ...linkRefusals, ...tokenWarnings, ...tokenInputErrors };

export type RefusalCode = keyof typeof jwtRefusals | keyof typeof linkRefusals;
export type WarningCode = keyof typeof tokenWarnings;
export type TokenInputCode = keyof typeof tokenInputErrors;
