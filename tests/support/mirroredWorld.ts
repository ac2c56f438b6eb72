import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { fetchKeys } from "../../scripts/jwks/fetchKeys.ts";
import { rotate } from "../../scripts/rotate/rotate.ts";
import { openProject } from "./twoZones.ts";
import type { World } from "./world.ts";

/*
 * A ring `staff` whose keys an identity provider makes, one host and one rule, and the provider.
 */

export const ISSUER = "https://id.example.net/";
export const FILES = {
  "keys.yaml": `keys:
  staff:
    from: { issuer: "${ISSUER}" }
    tokens: { audience: api, lifetime: 1h }
`,
  "api.yaml": `host: api.example.com
tokens: { ring: staff, in: [header authorization] }
rules:
  - id: orders
    match: { method: GET, path: /orders/* }
    require: { ring: staff, scope: orders }
`,
};

/** The checkout that the command reads a ring from which is not deployed yet. */
const rules = mkdtempSync(join(tmpdir(), "keyturn-mirror-"));
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(rules, name), text);

export async function makeKey(kid: string, alg = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

export type Key = Awaited<ReturnType<typeof makeKey>>;

/** A provider with these keys: its discovery document and its set. */
function provider(keys: readonly object[]) {
  const answers: Record<string, object> = {
    "https://id.example.net/.well-known/openid-configuration": {
      issuer: ISSUER,
      jwks_uri: "https://keys.example.net/set",
      id_token_signing_alg_values_supported: ["RS256", "ES256"],
    },
    "https://keys.example.net/set": { keys },
  };
  return async (url: string) => {
    const found = answers[url];
    return found === undefined ? { reason: `${url} answers HTTP 404` } : { text: JSON.stringify(found) };
  };
}

/** A world with these definitions, on what an earlier one left. */
export const open = (from?: ReturnType<World["save"]>, files: Readonly<Record<string, string>> = FILES) =>
  openProject({ files, ...(from === undefined ? {} : { from }) });

/** `jwks fetch` from a provider with these keys. */
export function fetchFrom(world: World, keys: readonly Key[] | readonly object[], dryRun = false) {
  const set = keys.map((key) => ("jwk" in key ? (key.jwk as object) : key));
  return fetchKeys(world.rotation, { ring: "staff", rules, get: provider(set), read: provider([]), dryRun });
}

/** `name kid algorithm state` of each key. */
export const states = async (world: World) =>
  (await world.ring("staff")).keys.map((key) => `${key.name} ${key.kid} ${key.algorithm} ${key.state}`);

/** What a request with a token of the key gets at each place. */
export async function answers(world: World, key: Key, claims: object = {}): Promise<number[]> {
  const now = Math.floor(world.clock.now() / 1000);
  const token = await new SignJWT({ scope: "orders", iss: ISSUER, aud: "api", ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .setIssuedAt(now)
    .setExpirationTime(now + 3600)
    .sign(key.privateKey);
  const found: number[] = [];
  for (const { name } of world.edge.world.pops) {
    const headers = { authorization: `Bearer ${token}` };
    const request = new Request("https://api.example.com/orders/1", { headers });
    found.push((await world.edge.handle(request, { pop: name })).status);
  }
  return found;
}

/** Ticks from wait to wait until the ring's keys are all ACTIVE or gone. */
export async function settle(world: World): Promise<string[]> {
  const moves: string[] = [];
  for (let tick = 0; tick < 6; tick += 1) {
    const { rings, refused } = await rotate(world.rotation);
    if (refused) throw new Error(refused.message);
    const decision = rings[0]?.decision;
    if (decision?.step === "stop") return [...moves, decision.code];
    if (decision?.step === "advance") moves.push(decision.advance.move.kind);
    else if (decision?.step === "wait") {
      if (/jwks fetch/.test(decision.reason)) return moves;
      world.clock.set(Date.parse(decision.until));
    }
  }
  return moves;
}
