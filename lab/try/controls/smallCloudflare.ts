import { createHash } from "node:crypto";
import type { PointOfPresence } from "@keyturn/edge";
import { createEdge, type Edge, type RulesetRule, type StoredKey, type VirtualClock } from "@keyturn/edge";
import { compile } from "../../../model/compile/compile.ts";
import type { DesiredZone } from "../../../model/compile/types.ts";
import { ringsOf } from "../../../model/definition/ringsAsked.ts";
import type { Definitions, Environment, Ring } from "../../../model/definition/types.ts";
import { CUSTOM_PHASE } from "../../../model/facts/phases.ts";
import { PLACEHOLDER } from "../../../model/facts/placeholders.ts";
import { ledgerDigest, type RingLedger } from "../../../model/ring/ledger.ts";
import { activeKey, publishedKeys } from "../../../model/ring/realize.ts";
import type { SignerJwk } from "../../../scripts/token/signers.ts";

const CONFIGURATION_ID = "c0000000-0000-4000-8000-000000000000";

/** An edge that is given the keys and rules of one ring directly, so that a simulation can say when. */
export interface SmallCloudflare {
  readonly edge: Edge;
  readonly zone: (ledger: RingLedger) => DesiredZone;
  /** Puts what the ledger says in force, from now on and at each place after its lag. */
  write(ledger: RingLedger): void;
  key(name: string): SignerJwk;
}

/** One ring of the definitions with the hosts that use it, on an edge with the given points of presence. */
export function createSmallCloudflare(
  ring: Ring,
  definitions: Definitions,
  environment: Environment,
  clock: VirtualClock,
  pops: readonly PointOfPresence[],
): SmallCloudflare {
  const accountId = "a".repeat(32);
  const zones = environment.zones.map((zone) => ({ ...zone, accountId, addOns: zone.addOns ?? [] }));
  const edge = createEdge({ clock, zones, pops });
  const hosts = definitions.hosts.filter(
    (host) =>
      host.tokens.some((use) => use.ring === ring.id) ||
      host.rules.some((rule) => ringsOf(rule.require).includes(ring.id)),
  );
  const key = (name: string): SignerJwk => {
    const text = createHash("sha256").update(`simulated ${ring.id} ${name}`).digest("hex");
    return {
      kty: "oct",
      k: Buffer.from(text).toString("base64url"),
      kid: `${ring.id}-${name}`,
      alg: "HS256",
    };
  };
  const compiled = new Map<string, DesiredZone>();
  const zone = (ledger: RingLedger): DesiredZone => {
    const known = compiled.get(ledgerDigest(ledger));
    if (known) return known;
    const keys = publishedKeys(ledger).map(({ name }) => ({ name }));
    const state = { active: activeKey(ledger) !== undefined, everBlocked: false, keys };
    const desired = compile({ rings: [ring], hosts }, environment, { [ring.id]: state }).zones[0];
    if (desired === undefined) throw new Error(`no zone uses the ring ${ring.id}`);
    compiled.set(ledgerDigest(ledger), desired);
    return desired;
  };
  return {
    edge,
    zone,
    key,
    write(ledger) {
      const desired = zone(ledger);
      edge.world.commitZone(
        desired.zoneId,
        "tokenConfigurations",
        desired.tokenConfigurations.map((configuration) => ({
          id: CONFIGURATION_ID,
          title: configuration.title,
          description: configuration.description,
          token_type: "JWT",
          token_sources: configuration.tokenSources,
          keys: publishedKeys(ledger).map(({ name }) => key(name) as StoredKey),
          created_at: "",
          last_updated: "",
        })),
      );
      edge.world.commitZone(desired.zoneId, "rulesets", [
        {
          id: CUSTOM_PHASE,
          name: "",
          description: "",
          kind: "zone",
          phase: CUSTOM_PHASE,
          version: "1",
          last_updated: "",
          rules: desired.rules[CUSTOM_PHASE].map(
            (rule): RulesetRule => ({
              id: rule.ref,
              version: "1",
              ref: rule.ref,
              action: rule.action,
              ...(rule.action_parameters ? { action_parameters: { ...rule.action_parameters } } : {}),
              expression: rule.expression.replaceAll(PLACEHOLDER, (_whole, kind: string, name: string) =>
                kind === "config" ? CONFIGURATION_ID : secretText(key(name.split("/")[1] ?? "")),
              ),
              enabled: rule.enabled,
              last_updated: "",
            }),
          ),
        },
      ]);
    },
  };
}

function secretText(jwk: SignerJwk): string {
  return Buffer.from(jwk.k ?? "", "base64url").toString();
}
