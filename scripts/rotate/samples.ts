import type { Ring } from "../../model/definition/types.ts";
import type { SampleAnswer } from "../../model/ring/decision.ts";
import type { RingLedger } from "../../model/ring/ledger.ts";
import { readKeys, type TokenKey } from "../token/readKeys.ts";
import { verifyJwt } from "../token/verifyJwt.ts";
import { verifyLink } from "../token/verifyLink.ts";
import type { RingKeys } from "./reading.ts";
import type { RotationWorld } from "./world.ts";

/** Production tokens fetched before a key is retired. */
export const SAMPLES = 3;

/**
 * Fetches real tokens or links from the ring's issuer and tells by whose key each was signed; a kid alone is not
 * believed. What fits no key counts under `unknown`.
 *
 * @param address the ring's sample address; none gives no samples
 */
export async function takeSamples(
  world: RotationWorld,
  ring: Ring,
  ledger: RingLedger,
  keys: RingKeys,
  address: string | undefined,
): Promise<SampleAnswer> {
  const byKey: Record<string, number> = {};
  const candidates = [
    ...(keys.active ? [keys.active] : []),
    ...keys.retiring,
    ...(keys.pending ? [keys.pending] : []),
  ];
  for (let count = 0; address !== undefined && count < SAMPLES; count += 1) {
    const answer = await world.issuer(new Request(address));
    if (answer.status !== 200) continue;
    const kid = await signerOf(
      world,
      ring,
      answer.body,
      candidates.flatMap((jwk) => readKeys(JSON.stringify(jwk))),
    );
    const name = ledger.keys.find((key) => key.kid === kid)?.name ?? "unknown";
    byKey[name] = (byKey[name] ?? 0) + 1;
  }
  return { at: new Date(world.now()).toISOString(), byKey };
}

async function signerOf(
  world: RotationWorld,
  ring: Ring,
  body: string,
  keys: readonly TokenKey[],
): Promise<string | undefined> {
  const sample = parse(body);
  const now = new Date(world.now());
  if (ring.kind === "hmac") {
    if (sample.link === undefined) return undefined;
    const verdict = verifyLink(sample.link, keys, {
      now,
      lifetimeSeconds: ring.lifetime,
      parameter: ring.parameter,
      bind: ring.bind,
    });
    return verdict.accepted ? verdict.key : undefined;
  }
  if (sample.token === undefined) return undefined;
  const verdict = await verifyJwt(sample.token, keys, { now, issuer: ring.issuer, audience: ring.audience });
  return verdict.accepted ? verdict.kid : undefined;
}

function parse(body: string): { readonly token?: string; readonly link?: string } {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
