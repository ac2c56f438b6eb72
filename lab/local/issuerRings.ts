import type { IssuerRings } from "../../examples/shop/issuer/issuerRing.ts";
import type { Ring } from "../../model/definition/types.ts";

/** What an issuer must know of the rings it signs for. */
export function issuerRings(rings: readonly Ring[]): IssuerRings {
  return Object.fromEntries(
    rings.map((ring) => [
      ring.id,
      ring.kind === "hmac"
        ? { kind: ring.kind, parameter: ring.parameter, lifetime: ring.lifetime }
        : {
            kind: ring.kind,
            issuer: ring.issuer,
            audience: ring.audience,
            lifetime: ring.lifetime,
            scope: ring.scope,
          },
    ]),
  );
}
