import { exportJWK, generateKeyPair } from "jose";
import { CANARY_REFUSED, canaryAccepted } from "../../model/compile/replies.ts";
import type { Canary } from "../../model/compile/types.ts";
import type { Ring, TokenSource } from "../../model/definition/types.ts";
import { CANARY_AUDIENCE } from "../../model/facts/canary.ts";
import type { CanaryAnswer } from "../../model/ring/decision.ts";
import type { SignerJwk } from "../token/signers.ts";
import { carried, signJwt } from "../token/signJwt.ts";
import { secretOf, signLink } from "../token/signLink.ts";
import type { Answer, RotationWorld } from "./world.ts";

/** Rounds of a canary: enough to meet more than one point of presence where the runner can. */
export const CANARY_ROUNDS = 3;

/** How long a canary token lives, in seconds: one probe and its retries. */
const CANARY_LIFETIME = 300;

type Reply = "accepted" | "refused" | "none";

export interface CanaryQuestion {
  /** With the issuer first that every point of presence knows: they may not have learned of one that was just added. */
  readonly ring: Ring;
  /** One place per zone, and where that zone's configuration reads the ring's tokens. */
  readonly canaries: readonly (Canary & { readonly source: TokenSource })[];
  readonly key: SignerJwk;
  readonly active: SignerJwk | undefined;
  /** What it means that points of presence disagree: a new key is not there yet, an old one still is. */
  readonly mixed: "refused" | "accepted";
}

/**
 * Asks the edge itself: is `key` accepted, is the active key, and is a key refused that was never published? Every
 * round asks all three, in every zone. One runner sees the point of presence that is nearest to it.
 */
export async function askCanary(world: RotationWorld, question: CanaryQuestion): Promise<CanaryAnswer> {
  const unknown = await strangerLike(question.key, world.freshId());
  const pops = new Set<string>();
  const ask = async (jwk: SignerJwk): Promise<Reply[]> => {
    const replies: Reply[] = [];
    for (const canary of question.canaries) {
      const answer = await world.edge(await probe(world, question, canary, jwk));
      if (answer.pop !== "") pops.add(answer.pop);
      replies.push(readReply(answer, question.ring.id));
    }
    return replies;
  };
  const seen = { key: [] as Reply[], active: [] as Reply[], unknown: [] as Reply[] };
  for (let round = 0; round < CANARY_ROUNDS; round += 1) {
    seen.key.push(...(await ask(question.key)));
    if (question.active) seen.active.push(...(await ask(question.active)));
    seen.unknown.push(...(await ask(unknown)));
  }
  return {
    at: new Date(world.now()).toISOString(),
    rounds: CANARY_ROUNDS,
    pops: [...pops].sort(),
    key: seen.key.includes("accepted") && seen.key.includes("refused") ? question.mixed : allOf(seen.key),
    ...(question.active ? { active: allOf(seen.active) } : {}),
    // One acceptance of a stranger is enough to make all answers worthless.
    unknown: seen.unknown.includes("accepted") ? "accepted" : allOf(seen.unknown),
  };
}

async function probe(
  world: RotationWorld,
  { ring }: CanaryQuestion,
  canary: CanaryQuestion["canaries"][number],
  jwk: SignerJwk,
): Promise<Request> {
  const now = new Date(world.now());
  const url = `https://${canary.host}${canary.path}`;
  if (ring.kind === "hmac") {
    const link = signLink({
      secret: secretOf(jwk),
      path: canary.path,
      parameter: ring.parameter,
      issuedAt: now,
    });
    return new Request(`https://${canary.host}${link}`);
  }
  const { token } = await signJwt({
    jwk,
    claims: { iss: ring.issuers[0], aud: CANARY_AUDIENCE, sub: "keyturn-canary" },
    lifetimeSeconds: CANARY_LIFETIME,
    now,
    jti: world.freshId(),
  });
  return new Request(url, { headers: Object.fromEntries([carried(canary.source, token)]) });
}

/** Anything but one of the two fixed replies is no evidence: origins answer 4xx too. */
function readReply(answer: Answer, ring: string): Reply {
  const matches = (reply: { status_code: number; content: string }) =>
    answer.status === reply.status_code && answer.body === reply.content;
  if (matches(canaryAccepted(ring))) return "accepted";
  return matches(CANARY_REFUSED) ? "refused" : "none";
}

/** What all replies say; nothing where they differ or nobody was asked. */
function allOf([first = "none", ...others]: readonly Reply[]): Reply {
  return others.every((reply) => reply === first) ? first : "none";
}

/** A key of the same algorithm that exists nowhere else. */
async function strangerLike(key: SignerJwk, id: string): Promise<SignerJwk> {
  const alg = key.alg ?? "ES256";
  if (key.kty === "oct") {
    const k = Buffer.from(crypto.getRandomValues(new Uint8Array(64))).toString("base64url");
    return { ...key, k, kid: id };
  }
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(pair.privateKey)), kid: id, alg } as SignerJwk;
}
