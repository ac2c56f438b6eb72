import type { IssuerRings } from "../../examples/shop/issuer/issuerRing.ts";
import type { Ring } from "../../model/definition/types.ts";

/** What an issuer must know of the rings it signs for. */
export function issuerRings(rings: readonly Ring[]): IssuerRings {
  return Object.fromEntries(
    rings.flatMap((ring): [string, IssuerRings[string]][] => {
      // Somebody else signs.
      if (ring.kind === "mirror") return [];
      if (ring.kind === "hmac")
        return [[ring.id, { kind: ring.kind, parameter: ring.parameter, lifetime: ring.lifetime }]];
      const { kind, issuers, audiences, lifetime, scope } = ring;
      return [[ring.id, { kind, issuers, audiences, lifetime, scope }]];
    }),
  );
}
