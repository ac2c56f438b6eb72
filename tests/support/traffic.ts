import type { SignerJwk } from "../../scripts/token/signers.ts";
import { signJwt } from "../../scripts/token/signJwt.ts";
import { secretOf as linkSecret, signLink } from "../../scripts/token/signLink.ts";
import { secretOf } from "./shape.ts";
import type { World } from "./world.ts";

/** A token or link as an issuer gave it out. */
export interface Issued {
  readonly ring: string;
  readonly kid: string;
  readonly request: () => Request;
  readonly signedAt: number;
  /** The last instant at which it must be accepted, in milliseconds. */
  readonly until: number;
}

/** A request that a point of presence refused although it had to be let through. */
export interface Refused {
  readonly at: string;
  readonly pop: string;
  readonly kid: string;
  readonly signedAt: string;
  readonly status: number;
}

/** The issuer of `shop`, and everyone who holds one of its tokens. */
export class Traffic {
  issued: Issued[];
  readonly refused: Refused[] = [];
  sent = 0;
  readonly #world: World;

  constructor(world: World, issued: readonly Issued[] = []) {
    this.#world = world;
    this.issued = issued.filter((token) => token.until > world.clock.now());
  }

  /** Signs with the key that the issuer finds in the Secrets Store now, and with the one in the stack's output. */
  async issue(): Promise<void> {
    const { clock, local, rings } = this.#world;
    const ring = rings[0];
    if (ring === undefined) return;
    const signers = (await local.runner.outputs()).signers as
      | Record<string, { active?: SignerJwk }>
      | undefined;
    const stored = JSON.parse(secretOf(this.#world)[0] ?? "{}") as SignerJwk;
    const keys = new Map(
      [signers?.[ring.id]?.active, stored].flatMap((jwk) => (jwk?.kid ? [[jwk.kid, jwk]] : [])),
    );
    const now = clock.now();
    for (const [kid, jwk] of keys) {
      const until = now + 1000 * ring.lifetime - 1000;
      const same = this.issued.some((token) => token.kid === kid && token.signedAt === now);
      if (same) continue;
      this.issued.push({ ring: ring.id, kid, signedAt: now, until, request: await this.#sign(jwk, now) });
    }
  }

  async #sign(jwk: SignerJwk, now: number): Promise<() => Request> {
    const ring = this.#world.rings[0];
    if (ring?.kind === "hmac") {
      const link = signLink({
        secret: linkSecret(jwk),
        path: "/orders/1",
        parameter: ring.parameter,
        issuedAt: new Date(now),
      });
      return () => new Request(`https://api.example.com${link}`);
    }
    const claims = { iss: ring?.issuers[0] ?? "", aud: ring?.audiences[0] ?? "", sub: "somebody" };
    const lifetimeSeconds = ring?.lifetime ?? 60;
    const { token } = await signJwt({ jwk, claims, lifetimeSeconds, now: new Date(now), jti: `${now}` });
    return () =>
      new Request("https://api.example.com/orders/1", { headers: { authorization: `Bearer ${token}` } });
  }

  /** Sends every unexpired token to every point of presence. */
  async send(): Promise<void> {
    const { clock, edge } = this.#world;
    const now = clock.now();
    this.issued = this.issued.filter((token) => token.until >= now);
    for (const token of this.issued) {
      for (const pop of edge.world.pops) {
        const answer = await edge.handle(token.request(), { pop: pop.name });
        this.sent += 1;
        if (answer.status === 200) continue;
        this.refused.push({
          at: new Date(now).toISOString(),
          pop: pop.name,
          kid: token.kid,
          signedAt: new Date(token.signedAt).toISOString(),
          status: answer.status,
        });
      }
    }
  }

  /**
   * Lets time pass until `instant`, stopping wherever something can go wrong: when a change arrives at a point of
   * presence, and at each token's last instant.
   */
  async pass(instant: number): Promise<void> {
    const { arrivals, clock } = this.#world;
    await this.issue();
    await this.send();
    for (;;) {
      const stops = [...arrivals, ...this.issued.map((token) => token.until)];
      const next = Math.min(...stops.filter((at) => at > clock.now() && at < instant));
      if (next === Number.POSITIVE_INFINITY) break;
      clock.set(next);
      await this.send();
    }
    clock.set(Math.max(instant, clock.now()));
    await this.issue();
    await this.send();
  }
}
