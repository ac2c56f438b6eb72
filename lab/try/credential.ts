import type { EdgeRequest } from "@keyturn/edge";
import { decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import { scopeClaim } from "../../examples/shop/issuer/issuerRing.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { carried, signJwt } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import type { RingUsage } from "./usage.ts";

/** A token or link with the request that it is good for, and when by the clock of the place that checks it. */
export interface Credential {
  readonly ring: string;
  readonly kid: string;
  readonly request: EdgeRequest;
  /** Milliseconds since the epoch: accepted while `from` <= the place's clock < `until`. */
  readonly from: number;
  readonly until: number;
}

/** A token with its times, which are read from itself: `nbf` and `exp` with the leeway of the edge. */
export function tokenCredential(usage: RingUsage, token: string): Credential {
  const { exp = Number.POSITIVE_INFINITY, nbf = Number.NEGATIVE_INFINITY } = decodeJwt(token);
  const leeway = rotationPolicy(usage.ring).leewaySeconds;
  const { source = { kind: "header", name: "authorization" } } = usage;
  return {
    ring: usage.ring.id,
    kid: decodeProtectedHeader(token).kid ?? "",
    from: 1000 * (nbf - leeway),
    until: 1000 * (exp + leeway),
    request: {
      method: usage.method,
      url: `https://${usage.host}${usage.path}`,
      headers: [carried(source, token)],
    },
  };
}

/** A link of an HMAC ring; it lives by the time in it and by the rule's ttl. */
export function linkCredential(usage: RingUsage, link: string, kid: string): Credential {
  const issued = Number(/=(\d{10})-/.exec(link)?.[1]);
  return {
    ring: usage.ring.id,
    kid,
    from: Number.NEGATIVE_INFINITY,
    until: 1000 * (issued + usage.ring.lifetime),
    request: { method: usage.method, url: `https://${usage.host}${link}` },
  };
}

/** Who signs what, when, for whom. */
export interface Minting {
  readonly jwk: JWK;
  /** The signer's clock, milliseconds since the epoch. */
  readonly now: number;
  readonly subject: string;
  /** Seconds; the ring's own by default. A link's life is in the rule: a later `now` makes it live longer. */
  readonly lifetime?: number;
  /** Sets `nbf` too, to a second before `now`. */
  readonly notBefore?: boolean;
}

/** Signs a token or link as an issuer would. */
export async function mint(usage: RingUsage, minting: Minting): Promise<Credential> {
  const { ring } = usage;
  const { jwk, now, subject, lifetime } = minting;
  if (ring.kind === "hmac") {
    const link = signLink({
      secret: secretOf(jwk),
      path: usage.path,
      parameter: ring.parameter,
      issuedAt: new Date(now),
    });
    return linkCredential(usage, link, jwk.kid ?? "");
  }
  // The signer sets these times and the id itself.
  const { exp: _exp, iat: _iat, jti: _jti, nbf, ...claims } = usage.claims;
  const audiences = [ring.audiences[0], ...[claims.aud ?? []].flat()];
  const { token } = await signJwt({
    jwk,
    claims: {
      iss: ring.issuers[0],
      ...claims,
      ...scopeClaim(ring, usage.scopes),
      aud: audiences.length > 1 ? audiences : audiences[0],
      sub: subject,
    },
    lifetimeSeconds: lifetime ?? ring.lifetime,
    now: new Date(now),
    jti: subject,
    ...(minting.notBefore || nbf !== undefined ? { backdateSeconds: 1 } : {}),
  });
  return tokenCredential(usage, token);
}
