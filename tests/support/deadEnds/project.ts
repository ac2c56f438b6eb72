import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorld, type Saved, type World } from "../world.ts";

const ENTERPRISE = { plan: "enterprise", addOns: ["api_shield", "advanced_rate_limiting"] };

export const ZONES = [
  { id: "023e105f4ecef8ad9ca31a8372d0c353", name: "example.com", ...ENTERPRISE },
  { id: "123e105f4ecef8ad9ca31a8372d0c354", name: "example.org", ...ENTERPRISE },
] as const;

/** Rings of every kind that share zones and rules: tokens in both zones, links in both, and others beside them. */
const FILES = {
  "keys.yaml": `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 30d, overlap: 2h }
    signer: { secretsStore: shop-key }
  files:
    hmac: { parameter: verify, lifetime: 15m, bind: [path] }
    rotation: { every: 30d, overlap: 2h }
    signer: { secretsStore: files-key }
  album:
    hmac: { parameter: proof, lifetime: 15m, bind: [path] }
    rotation: { every: 30d, overlap: 2h }
    signer: { output: true }
`,
  "com.yaml": `host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: orders, match: { path: /orders/* }, require: { ring: shop } }
  - { id: files, match: { path: /files/* }, require: { link: files } }
  - { id: album, match: { path: /album/* }, require: { link: album } }
`,
  "org.yaml": `host: api.example.org
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: carts, match: { path: /orders/* }, require: { ring: shop } }
  - { id: papers, match: { path: /files/* }, require: { link: files } }
`,
};

/** Where a token or link of a ring is shown: host and path. */
export const PLACES = {
  shop: ["api.example.com/orders/1", "api.example.org/orders/1"],
  files: ["api.example.com/files/1", "api.example.org/files/1"],
  album: ["api.example.com/album/1"],
} as const;

export type RingId = keyof typeof PLACES;
export const RINGS = Object.keys(PLACES) as readonly RingId[];

let rules: string | undefined;

function folder(): string {
  if (rules === undefined) {
    rules = mkdtempSync(join(tmpdir(), "keyturn-dead-ends-"));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(rules, name), text);
  }
  return rules;
}

/** The project on what an earlier run of it left; `seed` decides the order of independent resources. */
export function openRings(from: Saved | undefined, seed: number): Promise<World> {
  const samples = Object.fromEntries(RINGS.map((id) => [id, `https://issuer.test/sample/${id}`]));
  const config = {
    "keyturn:zones": JSON.stringify(ZONES),
    "keyturn:samples": JSON.stringify(samples),
  };
  return openWorld({
    kind: "example",
    seed,
    local: { rules: folder(), config },
    ...(from === undefined ? {} : { from }),
  });
}
