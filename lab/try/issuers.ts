import type { VirtualClock } from "@keyturn/edge";
import type { JWK } from "jose";
import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import type { Definitions } from "../../model/definition/types.ts";
import { issuerRings } from "../local/issuerRings.ts";
import { type Credential, linkCredential, tokenCredential } from "./credential.ts";
import type { RingUsage } from "./usage.ts";

/** One signing key of a ring and when issuers could first read it. */
interface Delivery {
  readonly at: number;
  readonly jwk: JWK;
}

/** Which key was given to the issuers when, by ring: what every one of them reads, some of them late. */
export class KeyDeliveries {
  readonly #byRing = new Map<string, Delivery[]>();

  /** Notes that `jwk` is what a ring's issuers read from now on; the same key again is no news. */
  note(ring: string, jwk: JWK, at: number): void {
    const deliveries = this.#byRing.get(ring) ?? [];
    this.#byRing.set(ring, deliveries);
    if (deliveries.at(-1)?.jwk.kid !== jwk.kid) deliveries.push({ at, jwk });
  }

  /** The key that an issuer reads that is `lag` milliseconds behind; before the second key it is the first. */
  read(ring: string, now: number, lag: number): JWK | undefined {
    const deliveries = this.#byRing.get(ring) ?? [];
    return (deliveries.findLast((delivery) => delivery.at + lag <= now) ?? deliveries[0])?.jwk;
  }

  rings(): string[] {
    return [...this.#byRing.keys()];
  }
}

/** How one instance of the issuer is off. */
export interface IssuerFault {
  /** Milliseconds by which it reads a new key late. */
  readonly lag: number;
  /** Milliseconds by which its clock is ahead. */
  readonly skew: number;
}

/** One instance of the example issuer. */
export interface Issuer {
  readonly fault: IssuerFault;
  fetch(request: Request): Response | Promise<Response>;
  /** A token or link for a subject, fetched as a client would. */
  issue(usage: RingUsage, subject: string): Promise<Credential>;
}

/** An instance of the example issuer that reads its keys late and whose clock is off. */
export function createTryIssuer(
  deliveries: KeyDeliveries,
  clock: VirtualClock,
  definitions: Definitions,
  usages: readonly RingUsage[],
  fault: IssuerFault,
): Issuer {
  const usageOf = new Map(usages.map((usage) => [usage.ring.id, usage]));
  let count = 0;
  const active = (ring: string) => deliveries.read(ring, clock.now(), fault.lag);
  const app = createIssuer({
    keySource: async () =>
      Object.fromEntries(
        deliveries.rings().map((ring) => [ring, { active: active(ring), retiring: [] }]),
      ) as never,
    clock: () => new Date(clock.now() + fault.skew),
    rings: issuerRings(definitions.rings),
    // Every subject of the load may do what the ring's rule asks for; the password is its ring.
    authenticate: async (sub, ring) => {
      const { scopes = [], claims = {} } = usageOf.get(ring) ?? {};
      return { sub, scopes, claims };
    },
    newId: () => {
      count += 1;
      return `${fault.lag}-${fault.skew}-${count}`;
    },
  });
  return {
    fault,
    fetch: (request) => app.fetch(request),
    async issue(usage, subject) {
      const { ring, path } = usage;
      const link = ring.kind === "hmac";
      const answer = await app.request(link ? "/links" : "/token", {
        method: "POST",
        body: JSON.stringify({ user: subject, password: ring.id, ring: ring.id, ...(link ? { path } : {}) }),
      });
      if (!answer.ok) throw new Error(`the issuer of ring ${ring.id} answers ${answer.status}`);
      const body = (await answer.json()) as { access_token?: string; link?: string };
      if (!link) return tokenCredential(usage, String(body.access_token));
      return linkCredential(usage, String(body.link), active(ring.id)?.kid ?? "");
    },
  };
}
