import type { SignerJwk } from "../../../scripts/token/signers.ts";
import { signJwt } from "../../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../../scripts/token/signLink.ts";
import type { World } from "../world.ts";
import { PLACES, RINGS, type RingId } from "./project.ts";

interface Issued {
  readonly ring: RingId;
  readonly kid: string;
  readonly until: number;
  readonly requests: readonly (() => Request)[];
}

const LIFETIME = 15 * 60;

/** Everyone who holds a token or link: used at every point of presence until it expires. */
export class Holders {
  readonly refused: string[] = [];
  #issued: Issued[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Lets time pass, and uses what is valid wherever a change arrives and at its last instant. */
  async pass(instant: number): Promise<void> {
    const { arrivals, clock } = this.#world;
    await this.#issue();
    await this.#use();
    for (;;) {
      const stops = [...arrivals, ...this.#issued.map(({ until }) => until)];
      const next = Math.min(...stops.filter((at) => at > clock.now() && at < instant));
      if (next === Number.POSITIVE_INFINITY) break;
      clock.set(next);
      await this.#use();
    }
    clock.set(Math.max(instant, clock.now()));
    await this.#issue();
    await this.#use();
  }

  /** The tokens of a ring that an operator's emergency or somebody else's write may cost from now on. */
  forgive(ring: RingId): void {
    this.#forgiven.add(ring);
  }

  readonly #forgiven = new Set<RingId>();

  /** With the key in the Secrets Store and with the one in the stack's output: an issuer has either. */
  async #issue(): Promise<void> {
    const signers = ((await this.#world.local.runner.outputs()).signers ?? {}) as Record<
      string,
      { active?: SignerJwk }
    >;
    for (const ring of this.#world.rings) {
      const id = ring.id as RingId;
      if (!RINGS.includes(id)) continue;
      const stored = ring.signer?.kind === "secretsStore" ? this.stored(ring.signer.name) : undefined;
      const keys = new Map(
        [signers[id]?.active, stored].flatMap((jwk) => (jwk?.kid ? [[jwk.kid, jwk] as const] : [])),
      );
      for (const jwk of keys.values()) await this.#sign(id, jwk);
    }
  }

  /** What an issuer's Worker finds in the Secrets Store. */
  stored(name: string): SignerJwk | undefined {
    const account = this.#world.local.config["keyturn:accountId"] ?? "";
    const text = this.#world.edge.secretValue(account, "keyturn", name);
    return text === undefined ? undefined : (JSON.parse(text) as SignerJwk);
  }

  async #sign(ring: RingId, jwk: SignerJwk): Promise<void> {
    const now = this.#world.clock.now();
    const until = now + 1000 * LIFETIME - 1000;
    if (this.#issued.some((token) => token.kid === jwk.kid && token.until === until)) return;
    const definition = this.#world.rings.find(({ id }) => id === ring);
    const issuedAt = new Date(now);
    const requests = await Promise.all(
      PLACES[ring].map(async (place) => {
        const [host = "", path = ""] = place.split(/(?=\/)(.*)/s);
        if (definition?.kind === "hmac") {
          const link = signLink({
            secret: secretOf(jwk),
            path,
            parameter: definition.parameter,
            issuedAt,
          });
          return () => new Request(`https://${host}${link}`);
        }
        const claims = {
          iss: definition?.issuers[0] ?? "",
          aud: definition?.audiences[0] ?? "",
          sub: "somebody",
        };
        const { token } = await signJwt({
          jwk,
          claims,
          lifetimeSeconds: LIFETIME,
          now: issuedAt,
          jti: `${now}`,
        });
        return () => new Request(`https://${place}`, { headers: { authorization: `Bearer ${token}` } });
      }),
    );
    this.#issued.push({ ring, kid: String(jwk.kid), until, requests });
  }

  async #use(): Promise<void> {
    const { clock, edge } = this.#world;
    const now = clock.now();
    this.#issued = this.#issued.filter(({ until }) => until >= now);
    for (const { ring, kid, requests } of this.#issued) {
      if (this.#forgiven.has(ring)) continue;
      for (const request of requests) {
        for (const pop of edge.world.pops) {
          const { status } = await edge.handle(request(), { pop: pop.name });
          if (status === 200) continue;
          const { host } = new URL(request().url);
          this.refused.push(`${host} at ${pop.name} refuses a token of ${ring} (${kid}) with ${status}`);
        }
      }
    }
  }
}
