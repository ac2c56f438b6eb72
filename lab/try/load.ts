import type { Ring } from "../../model/definition/types.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import type { SignerJwk } from "../../scripts/token/signers.ts";
import { type Credential, mint } from "./credential.ts";
import { emptyTally, type Front, overHttp, send, type Tally, useUntilItExpires } from "./front.ts";
import type { HttpClient } from "./httpClient.ts";
import type { Step } from "./rotation.ts";
import type { Stage } from "./stage.ts";
import type { RingUsage } from "./usage.ts";

/** How much is sent; the default makes well over 20,000 requests of one rotation of three rings. */
export interface LoadSize {
  /** Seconds between two tokens of a ring in quiet times. */
  readonly quietEvery: number;
  /** Tokens of a ring in the signer lag after its promotion, and as many from its retirement to P after it. */
  readonly dense: number;
  /** Tokens signed with the old key at the last instant at which that is allowed. */
  readonly stragglers: number;
  /** Tokens per key that live far beyond the lifetime, which nobody should sign. */
  readonly overlong: number;
  /** Requests of a ring over HTTP, in the middle of the signer lag after its promotion. */
  readonly http: number;
}

export const FULL_LOAD: LoadSize = { quietEvery: 1500, dense: 215, stragglers: 40, overlong: 5, http: 340 };

/** HTTP requests on their way at once. */
const AT_ONCE = 16;

/** How long an overlong credential lives: past any overlap. */
const OVERLONG_SECONDS = 90 * 86_400;

/** Times at which a retired key's credentials are tried again, from the end of P on, in milliseconds. */
const AFTERWARDS = [0, 1, 60_000, 3_600_000, 12 * 3_600_000];

/** What went through the front door while the rings were rotated. */
export interface Load {
  /** Credentials of the issuers and of the last stragglers, each used until it expires. */
  readonly ordinary: Tally;
  /** Credentials of retired and revoked keys, in time by themselves: all must be refused. */
  readonly retired: Tally;
  /** The same as `ordinary`, as real HTTP requests. */
  readonly http: Tally;
  /** Signs credentials that live far too long with a ring's active key, as a thief would, and uses them once. */
  leak(ring: Ring): Promise<void>;
  /** Called after each move. */
  onStep(step: Step, ring: Ring): Promise<void>;
  /** No more new credentials; those that exist are still used until they expire. */
  stop(): void;
}

/** Puts a stage under load, from now on. */
export function startLoad(stage: Stage, client: HttpClient, size: LoadSize = FULL_LOAD): Load {
  const { agenda, clock, issuers, usages, front } = stage;
  const retired: Front = { ...front, tally: emptyTally() };
  const http = overHttp(front, client);
  const overlong = new Map<string, Credential[]>();
  const issued = new Map<RingUsage, number>();
  let running = true;

  /** The issuers take turns, so that each key view and each clock skew comes at each time. */
  async function issue(usage: RingUsage): Promise<void> {
    const count = issued.get(usage) ?? 0;
    issued.set(usage, count + 1);
    const issuer = issuers[count % issuers.length];
    if (issuer) useUntilItExpires(front, await issuer.issue(usage, `subject-${count}`));
  }

  function quiet(usage: RingUsage, at: number): void {
    agenda.add(at, async () => {
      if (!running) return;
      await issue(usage);
      quiet(usage, at + 1000 * size.quietEvery);
    });
  }

  function dense(usage: RingUsage, from: number, until: number): void {
    for (let each = 0; each < size.dense; each += 1) {
      agenda.add(Math.floor(from + ((until - from) * each) / size.dense), () => issue(usage));
    }
  }

  /** The old key, signed with directly: at the end of L, by clocks that are off as far as is allowed. */
  function stragglers(usage: RingUsage, jwk: SignerJwk, at: number): void {
    const skew = 1000 * rotationPolicy(usage.ring).skewSeconds.signer;
    for (let each = 0; each < size.stragglers; each += 1) {
      agenda.add(at, async () => {
        const off = [skew, -skew, 0][each % 3] ?? 0;
        const subject = `straggler-${jwk.kid}-${each}`;
        const minting = { jwk, now: clock.now() + off, subject, notBefore: each % 4 === 0 };
        useUntilItExpires(front, await mint(usage, minting));
      });
    }
  }

  /** Credentials that outlive their key: accepted while it is there, and refused everywhere once P is over. */
  async function signOverlong(usage: RingUsage, jwk: SignerJwk): Promise<void> {
    const made: Credential[] = [];
    for (let each = 0; each < size.overlong; each += 1) {
      const isLink = usage.ring.kind === "hmac";
      const now = clock.now() + (isLink ? 1000 * OVERLONG_SECONDS : 0);
      const subject = `overlong-${jwk.kid}-${each}`;
      made.push(await mint(usage, { jwk, now, subject, lifetime: OVERLONG_SECONDS }));
    }
    overlong.set(jwk.kid ?? "", made);
    for (const credential of made) {
      for (const { name } of front.pops) await send(front, credential, name);
    }
  }

  /** Real requests with the keys of both prompt and late issuers, while virtual time stands still. */
  async function sendOverHttp(usage: RingUsage): Promise<void> {
    let left = size.http;
    const sender = async () => {
      while (left > 0) {
        left -= 1;
        const issuer = issuers[left % issuers.length];
        const pop = front.pops[left % front.pops.length]?.name ?? "";
        if (issuer) await send(http, await issuer.issue(usage, `http-${left}`), pop);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  function expectRefusal(kid: string, propagationSeconds: number): void {
    const acknowledged = clock.now();
    const bound = acknowledged + 1000 * propagationSeconds;
    for (const credential of overlong.get(kid) ?? []) {
      for (const { name } of front.pops) {
        agenda.add(acknowledged, () => send(retired, credential, name, "either"));
        for (const after of AFTERWARDS) {
          agenda.add(bound + after, () => send(retired, credential, name, "refused"));
        }
      }
    }
  }

  for (const usage of usages) quiet(usage, clock.now());

  return {
    ordinary: front.tally,
    retired: retired.tally,
    http: http.tally,
    stop() {
      running = false;
    },
    async leak(ring) {
      const usage = usages.find((each) => each.ring.id === ring.id);
      const { active } = await stage.keysOf(ring);
      if (usage && active) await signOverlong(usage, active);
    },
    async onStep(step, ring) {
      const usage = usages.find((each) => each.ring.id === ring.id);
      if (usage === undefined) return;
      const policy = rotationPolicy(ring);
      const { keys } = await stage.ledgerOf(ring);
      const jwkOf = (name: string) =>
        stage.material.get(keys.find((key) => key.name === name)?.kid ?? "") as SignerJwk;
      const now = clock.now();
      if (step.move === "promote") {
        const old = keys.find((key) => key.state === "RETIRING");
        if (old === undefined) return;
        const last = now + 1000 * policy.signerLagSeconds;
        dense(usage, now, last);
        agenda.add(Math.floor((now + last) / 2), () => sendOverHttp(usage));
        stragglers(usage, jwkOf(old.name), last);
        await signOverlong(usage, jwkOf(old.name));
      }
      if (step.move === "retire" || step.move === "revoke") {
        expectRefusal(jwkOf(step.key).kid ?? "", policy.propagationSeconds);
      }
      if (step.move === "retire") dense(usage, now, now + 1000 * policy.propagationSeconds);
    },
  };
}
