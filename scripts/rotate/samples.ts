import { type HmacRing, isTokenRing, type Ring, type TokenRing } from "../../model/definition/types.ts";
import type { SampleAddress } from "../../model/environment/sampleAddress.ts";
import { rotationDefaults } from "../../model/facts/rotationDefaults.ts";
import { asAccepted } from "../../model/ring/accepts.ts";
import type { SampleAnswer } from "../../model/ring/decision.ts";
import type { Ledger, RingLedger } from "../../model/ring/ledger.ts";
import { decodeJwt, readHeader } from "../token/decodeJwt.ts";
import { readKeys, type TokenKey } from "../token/readKeys.ts";
import { verifyJwt } from "../token/verifyJwt.ts";
import { verifyLink } from "../token/verifyLink.ts";
import type { RingKeys } from "./reading.ts";
import { readSample, sampleRequest } from "./sampleRequest.ts";
import type { RotationWorld } from "./world.ts";

/** Production tokens fetched before a key is retired: signers of one issuer may have different keys. */
export const SAMPLES = 3;

/** Of a sample without `iat`, how much longer it may seem to live because clocks are off, in seconds. */
const SKEW = rotationDefaults.skewSigner.seconds + rotationDefaults.skewController.seconds;

/** What a sample must fit: the ring's definition, its keys, and all ledgers to name a key of another ring. */
export interface SampleQuestion {
  readonly ring: Ring;
  readonly ledger: RingLedger;
  readonly ledgers: Ledger;
  readonly keys: RingKeys;
}

/**
 * Fetches real tokens or links from the ring's issuer and tells by whose key each was signed; a kid alone is not
 * believed. What does not count says why, without anything of the token.
 *
 * @param address the ring's sample address; none gives no samples
 */
export async function takeSamples(
  world: RotationWorld,
  question: SampleQuestion,
  address: SampleAddress | undefined,
): Promise<SampleAnswer> {
  const byKey: Record<string, number> = {};
  const uncounted: string[] = [];
  const lives: number[] = [];
  for (let count = 0; address !== undefined && count < SAMPLES; count += 1) {
    const judged = await takeOne(world, question, address);
    if ("why" in judged) {
      uncounted.push(judged.why);
      continue;
    }
    byKey[judged.key] = (byKey[judged.key] ?? 0) + 1;
    lives.push(judged.lifeSeconds);
  }
  return {
    at: new Date(world.now()).toISOString(),
    byKey,
    ...(uncounted.length > 0 ? { uncounted } : {}),
    ...(lives.length > 0 ? { longestSeconds: Math.max(...lives) } : {}),
  };
}

type Judged = { readonly key: string; readonly lifeSeconds: number } | { readonly why: string };

async function takeOne(
  world: RotationWorld,
  question: SampleQuestion,
  address: SampleAddress,
): Promise<Judged> {
  const request = await sampleRequest(address, world.secret);
  if ("missing" in request) return { why: request.missing };
  const answer = await world.issuer(request);
  if (answer.status === 0) return { why: "the address gives no answer" };
  if (answer.status !== 200) return { why: `HTTP ${answer.status}` };
  const read = readSample(answer.body, isTokenRing(question.ring) ? "jwt" : "hmac", address.member);
  if ("why" in read) return read;
  const { active, pending, retiring } = question.keys;
  const keys = [active, ...retiring, pending].flatMap((jwk) =>
    jwk === undefined ? [] : readKeys(JSON.stringify(jwk)),
  );
  const now = new Date(world.now());
  const { ring } = question;
  switch (ring.kind) {
    case "hmac":
      return judgeLink(read.sample, keys, now, ring, question);
    case "jwt":
    case "mirror":
      return judgeToken(read.sample, keys, now, ring, question);
  }
}

async function judgeToken(
  token: string,
  keys: readonly TokenKey[],
  now: Date,
  ring: TokenRing,
  { ledger, ledgers }: SampleQuestion,
): Promise<Judged> {
  // What a deploy left out is in tokens until the issuer has followed, and they tell as much of its key.
  const { issuers, audiences } = asAccepted(ring, ledger);
  const verdict = await verifyJwt(token, keys, { now, issuers, audiences });
  const [refusal] = verdict.refusals;
  if (refusal?.code === "TOKEN_KID_UNKNOWN") return { why: unknownKid(token, ledgers) };
  if (refusal !== undefined) return { why: refusal.message };
  const { exp, iat } = verdict.claims ?? {};
  if (typeof exp !== "number") return { why: "it has no exp: the edge accepts it until its key is removed" };
  const lifeSeconds = typeof iat === "number" ? exp - iat : Math.ceil(exp - now.getTime() / 1000) - SKEW;
  return { key: nameOf(ledger, verdict.kid), lifeSeconds };
}

function judgeLink(
  link: string,
  keys: readonly TokenKey[],
  now: Date,
  ring: HmacRing,
  { ledger }: SampleQuestion,
): Judged {
  const { lifetime, parameter, bind } = ring;
  const verdict = verifyLink(link, keys, { now, lifetimeSeconds: lifetime, parameter, bind });
  const [refusal] = verdict.refusals;
  if (refusal !== undefined) return { why: refusal.message };
  // Nothing forbids to date a link ahead: it then holds for longer than the rule's own time.
  const ahead = Math.ceil(Number(verdict.parts?.issued) - now.getTime() / 1000) - SKEW;
  return { key: nameOf(ledger, verdict.key), lifeSeconds: lifetime + Math.max(0, ahead) };
}

/** A key that verified is one of the ring's own. */
function nameOf(ledger: RingLedger, kid: string | undefined): string {
  return ledger.keys.find((key) => key.kid === kid)?.name ?? "";
}

/** The kid of a key that is not in use here: only one that a ledger has is named. */
function unknownKid(token: string, { rings }: Ledger): string {
  const decoded = decodeJwt(token);
  const header = decoded.ok ? readHeader(decoded.jwt.header) : undefined;
  const kid = header?.ok ? header.kid : undefined;
  const found = Object.values(rings).flatMap((ring) =>
    ring.keys
      .filter((key) => key.kid === kid)
      .map((key) => `${key.name} of ring ${ring.ring} (${key.state})`),
  );
  return found.length > 0
    ? `its kid is that of ${found[0]}`
    : "its kid is unknown: it is of no key of this stack";
}
