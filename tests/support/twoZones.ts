import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rotate } from "../../scripts/rotate/rotate.ts";
import { openWorld, type Saved, type World } from "./world.ts";

const ENTERPRISE = { plan: "enterprise", addOns: ["api_shield", "advanced_rate_limiting"] };

export const ZONES = [
  { id: "023e105f4ecef8ad9ca31a8372d0c353", name: "example.com", ...ENTERPRISE },
  { id: "123e105f4ecef8ad9ca31a8372d0c354", name: "example.org", ...ENTERPRISE },
];

/** Tokens of `shop` in both zones, in another place in each; links of `files` in one of them. */
export const TWO_ZONES = {
  "keys.yaml": `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 30d }
    signer: { secretsStore: shop-key }
  files:
    hmac: { parameter: verify, lifetime: 3h, bind: [path] }
    rotation: { every: 30d }
`,
  "com.yaml": `host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - id: orders
    match: { method: GET, path: /orders/* }
    require: { ring: shop, scope: orders }
  - id: files
    match: { method: GET, path: /files/* }
    require: { link: files }
`,
  "org.yaml": `host: api.example.org
tokens: { ring: shop, in: [cookie session] }
rules:
  - id: carts
    match: { path: /carts/* }
    require: { ring: shop, scope: carts }
`,
};

export interface Project {
  readonly files: Readonly<Record<string, string>>;
  readonly zones?: readonly object[];
  readonly deletable?: boolean;
  readonly from?: Saved;
  /** An edge that another stack has deployed to. */
  readonly edge?: World["edge"];
}

/** A world with these definitions, on what an earlier one left. */
export function openProject({
  files,
  zones = ZONES,
  deletable = false,
  from,
  edge,
}: Project): Promise<World> {
  const rules = mkdtempSync(join(tmpdir(), "keyturn-zones-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(rules, name), text);
  const config = {
    "keyturn:zones": JSON.stringify(zones),
    "keyturn:samples": "{}",
    "keyturn:deletable": String(deletable),
  };
  const shared = edge === undefined ? {} : { shared: edge };
  const local = { rules, config, ...shared };
  return openWorld({ kind: "example", local, ...(from === undefined ? {} : { from }) });
}

/** Ticks until every named ring has an ACTIVE key; answers each ring's keys. */
export async function activate(world: World, rings: readonly string[]): Promise<Record<string, string>> {
  const states: Record<string, string> = {};
  for (let tick = 0; tick < 8; tick += 1) {
    const result = await rotate(world.rotation);
    if (result.refused) throw new Error(result.refused.message);
    for (const id of rings)
      states[id] = (await world.ring(id)).keys.map((key) => `${key.name} ${key.state}`).join(", ");
    if (Object.values(states).every((text) => text.endsWith("ACTIVE"))) return states;
    const waits = result.rings.flatMap(({ decision }) =>
      decision.step === "wait" ? [Date.parse(decision.until)] : [],
    );
    const next = waits.length === result.rings.length ? Math.min(...waits) : world.clock.now() + 60_000;
    world.clock.set(next);
  }
  return states;
}

/** What the edge holds of ours in a zone: configurations by title, and rules by `ref` with their action. */
export function held(world: World, zone: { readonly id: string }): string[] {
  const { tokenConfigurations, rulesets } = world.edge.world.zone(zone.id);
  return [
    ...tokenConfigurations.map(({ title, keys }) => `${title}: ${keys.length} key`),
    ...rulesets.flatMap(({ rules }) => rules.map((rule) => `${rule.ref} ${rule.action}`)),
  ];
}
