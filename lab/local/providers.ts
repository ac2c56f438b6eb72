import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { KeyOrigin, MirrorRing, Ring } from "../../model/definition/types.ts";
import { discoveryUrl } from "../../model/mirror/discovery.ts";
import { fetchKeys } from "../../scripts/jwks/fetchKeys.ts";
import type { Get } from "../../scripts/jwks/get.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import type { SignerJwk } from "../../scripts/token/signers.ts";

/** The providers of mirrored rings on a local deployment: whoever makes the keys elsewhere, with the private parts. */
export interface Providers {
  /** Answers at the addresses that the definitions have: discovery documents and sets (OpenID Connect Discovery 1.0). */
  readonly get: Get;
  /** Answers for files of keys. */
  readonly read: Get;
  /** The key that a ring's provider signs with; undefined for a ring that is not mirrored. */
  keyOf(ring: Ring): SignerJwk | undefined;
  /** A provider makes a new key, publishes it beside those it has, and signs with it. */
  turn(ring: MirrorRing): Promise<SignerJwk>;
}

/** One provider for each place that rings have their keys from. */
export async function createProviders(rings: readonly Ring[]): Promise<Providers> {
  const keys = new Map<string, SignerJwk[]>();
  const keysAt = (from: KeyOrigin) => keys.get(placeOf(from)) ?? [];
  const turn = async ({ from, algorithms }: MirrorRing): Promise<SignerJwk> => {
    const before = keysAt(from);
    const name = from.kind === "file" ? from.kid : undefined;
    const kid = name ?? `${placeOf(from).replaceAll(/[^A-Za-z0-9]+/g, "-")}-${before.length + 1}`;
    const alg = algorithmOf(algorithms);
    const pair = await generateKeyPair(alg, { extractable: true });
    const jwk: SignerJwk = { ...(await exportJWK(pair.privateKey)), kty: kindOf(alg), kid, alg };
    keys.set(placeOf(from), [...before, jwk]);
    return jwk;
  };
  const mirrored = rings.filter((ring) => ring.kind === "mirror");
  const keyFor = ({ from, algorithms }: MirrorRing) =>
    keysAt(from).findLast(({ alg }) => alg === algorithmOf(algorithms));
  // Two rings may have their keys from one place, each those of its own algorithms.
  for (const ring of mirrored) if (keyFor(ring) === undefined) await turn(ring);
  const set = (place: string) => JSON.stringify({ keys: (keys.get(place) ?? []).map(publicPart) });
  return {
    async get(url) {
      if (keys.has(url)) return { text: set(url) };
      const issuer = mirrored.flatMap(({ from }) => (from.kind === "issuer" ? [from.issuer] : []));
      const asked = issuer.find((each) => discoveryUrl(each) === url);
      if (asked === undefined) return { reason: `${url} answers HTTP 404` };
      return {
        text: JSON.stringify({ issuer: asked, jwks_uri: placeOf({ kind: "issuer", issuer: asked }) }),
      };
    },
    read: async (path) => ({ text: set(path) }),
    keyOf: (ring) => (ring.kind === "mirror" ? keyFor(ring) : undefined),
    turn,
  };
}

/** Fetches every mirrored ring's set into the ledger, as `jwks fetch` does. */
export async function fetchAll(
  world: RotationWorld,
  rings: readonly Ring[],
  rules: string,
  { get, read }: Providers,
): Promise<void> {
  for (const { id, kind } of rings) {
    if (kind !== "mirror") continue;
    const { refused, run } = await fetchKeys(world, { ring: id, rules, get, read });
    const why = refused?.message ?? (run?.ok === false ? run.diagnostics.join("; ") : undefined);
    if (why !== undefined) throw new Error(`the keys of ring ${id} could not be fetched: ${why}`);
  }
}

/** Where a set is had: its address, or its file. */
function placeOf(from: KeyOrigin): string {
  switch (from.kind) {
    case "issuer":
      return new URL("jwks.json", from.issuer.replace(/\/?$/, "/")).href;
    case "jwks":
      return from.url;
    case "file":
      return from.path;
  }
}

function publicPart({ kty, crv, x, y, n, e, kid, alg }: JWK): JWK {
  const own = kty === "EC" ? { crv, x, y } : { n, e };
  return JSON.parse(JSON.stringify({ kty, ...own, kid, alg, use: "sig" }));
}

/** What a provider signs with where several algorithms, or none, are declared. */
function algorithmOf(declared: readonly string[]): string {
  return declared[0] ?? "ES256";
}

function kindOf(alg: string): "EC" | "RSA" {
  return alg.startsWith("ES") ? "EC" : "RSA";
}
