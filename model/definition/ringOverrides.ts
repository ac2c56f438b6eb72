import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { isIssuerAddress } from "./mirrors.ts";
import { show } from "./secrets.ts";
import { type Environment, isTokenRing, type Ring, type RingOverride, type TokenRing } from "./types.ts";

/** Rings as a stack's configuration (`keyturn:rings`) has them, and what of it has no meaning. */
export function withOverrides(
  rings: readonly Ring[],
  environment: Environment,
): { readonly rings: readonly Ring[]; readonly problems: readonly Problem[] } {
  const overrides = environment.rings ?? {};
  const file = `Pulumi.${environment.stack}.yaml`;
  const at: Position = { file, line: 1, column: 1 };
  const problems = Object.entries(overrides).flatMap(([id, override]) => {
    const fault = faultOf(
      id,
      rings.find((ring) => ring.id === id),
      override,
    );
    return fault === undefined
      ? []
      : [problem("RING_OVERRIDE_INVALID", at, `keyturn:rings.${show(id)} ${fault.message}`, fault.hint)];
  });
  const changed = rings.map((ring) => {
    const override = Object.hasOwn(overrides, ring.id) ? overrides[ring.id] : undefined;
    return override === undefined || !isTokenRing(ring) ? ring : overridden(ring, override);
  });
  return { rings: changed, problems };
}

function overridden(ring: TokenRing, { issuer, audience, jwks }: RingOverride): Ring {
  const parties = {
    ...(issuer === undefined ? {} : { issuers: issuer }),
    ...(audience === undefined ? {} : { audiences: audience }),
  };
  if (ring.kind === "jwt") return { ...ring, ...parties };
  const { from } = ring;
  return {
    ...ring,
    ...parties,
    from:
      from.kind === "issuer" && issuer !== undefined
        ? { ...from, issuer: issuer[0] }
        : from.kind === "jwks" && jwks !== undefined
          ? { ...from, url: jwks }
          : from,
  };
}

function faultOf(id: string, ring: Ring | undefined, { issuer, jwks }: RingOverride) {
  if (ring === undefined)
    return { message: "is no ring of the definitions", hint: `define it under keys, or remove ${show(id)}` };
  if (!isTokenRing(ring)) return { message: "is a ring of links", hint: "remove it: links have no issuer" };
  const from = ring.kind === "mirror" ? ring.from.kind : undefined;
  if (jwks !== undefined && from !== "jwks")
    return {
      message: "says jwks, and the ring has no from: { jwks }",
      hint: "remove it; keys that an issuer names go with issuer",
    };
  if (from === "issuer" && issuer !== undefined && !isIssuerAddress(issuer[0]))
    return {
      message: `says issuer ${show(issuer[0])}, and its keys are had from there`,
      hint: "write its https address first, such as https://example.eu.auth0.com/",
    };
  return undefined;
}
