import type { IssuerRings } from "../../examples/shop/issuer/issuerRing.ts";
import type { Ring } from "../../model/definition/types.ts";

/** What an issuer must know of the rings it signs for. */
export function issuerRings(rings: readonly Ring[]): IssuerRings {
  return Object.fromEntries(
    rings.map((ring): [string, IssuerRings[string]] => {
      if (ring.kind === "hmac")
        return [ring.id, { kind: ring.kind, parameter: ring.parameter, lifetime: ring.lifetime }];
      const { issuers, audiences, lifetime, scope } = ring;
      return [ring.id, { kind: "jwt", issuers, audiences, lifetime, scope }];
    }),
  );
}
