import { exportJWK, generateKeyPair } from "jose";
import type { MirrorRing } from "../../model/definition/types.ts";
import { STAFF } from "../local/local.ts";
import { fetchAll } from "../local/providers.ts";
import { mint } from "./credential.ts";
import { rotateAll } from "./rotation.ts";
import { createStage, type Stage, sourceIn } from "./stage.ts";

/** A request with a token of somebody's, at one moment of a mirrored key's life. */
export interface MirroredAnswer {
  readonly when: string;
  readonly token: string;
  readonly expected: number;
  /** At each point of presence. */
  readonly seen: readonly number[];
  readonly ok: boolean;
}

/** What was seen of an identity provider whose keys are mirrored. */
export interface Mirrored {
  readonly issuer: string;
  readonly answers: readonly MirroredAnswer[];
}

/**
 * A local OpenID provider: it is discovered, its set is fetched, deployed and waited for, then it turns its key and
 * signs with the new one before anybody fetched it, and after.
 */
export async function tryMirrored(): Promise<Mirrored> {
  const source = sourceIn(STAFF);
  const { stage } = await createStage(source);
  const ring = stage.used.find((each): each is MirrorRing => each.kind === "mirror");
  if (ring === undefined) throw new Error("the example has no mirrored ring");
  const answers: MirroredAnswer[] = [];
  const ask = async (when: string, token: string, jwk: object, expected: number) => {
    const seen = await statuses(stage, jwk);
    answers.push({ when, token, expected, seen, ok: seen.every((status) => status === expected) });
  };
  await rotateAll(stage);
  await stage.settle();
  const first = stage.providers.keyOf(ring) ?? {};
  const pair = await generateKeyPair("ES256", { extractable: true });
  const foreign = {
    ...(await exportJWK(pair.privateKey)),
    kid: "kid" in first ? first.kid : "",
    alg: "ES256",
  };
  await ask("fetched, deployed and known", "of the provider", first, 200);
  await ask("fetched, deployed and known", "of somebody else, with its kid", foreign, 401);
  const second = await stage.providers.turn(ring);
  await ask("the provider has a new key", "of the new key", second, 401);
  await fetchAll(stage.world, [ring], source.rules, stage.providers);
  await rotateAll(stage);
  await ask("fetched again and known", "of the new key", second, 200);
  await ask("fetched again and known", "of the first key", first, 200);
  return { issuer: ring.issuers[0], answers };
}

async function statuses(stage: Stage, jwk: object): Promise<number[]> {
  const usage = stage.usages.find(({ ring }) => ring.kind === "mirror");
  if (usage === undefined) throw new Error("no rule refuses by the mirrored ring");
  const { request } = await mint(usage, { jwk, now: stage.clock.now(), subject: "somebody" });
  const { edge } = stage.local;
  const found: number[] = [];
  for (const { name } of edge.world.pops) found.push((await edge.handle(request, { pop: name })).status);
  return found;
}
