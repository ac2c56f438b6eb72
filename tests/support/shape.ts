import type { RingLedger } from "../../model/ring/ledger.ts";
import type { World } from "./world.ts";

/**
 * Everything of a world that must come out equal however it was reached: ledgers, key sets, rules, the issuer's
 * secret, and the resources in the state; keys by name instead of their material, configurations by title.
 */
export async function shapeOf(world: World): Promise<object> {
  const ledger = await world.ledger();
  const names = await namesOf(world);
  const named = (text: string) => {
    let found = text;
    for (const [from, to] of names) found = found.split(from).join(to);
    return found;
  };
  const zone = world.edge.world.zone(zoneId(world));
  const state = world.local.runner.state();
  return {
    rings: Object.fromEntries(Object.entries(ledger.rings).map(([id, ring]) => [id, ringShape(ring)])),
    configurations: zone.tokenConfigurations
      .map(({ title, token_sources, keys }) => ({
        title,
        token_sources,
        keys: keys
          .map((key) => `${named(key.kid)} ${key.alg} ${named(key.k ?? key.x ?? key.n ?? "")}`)
          .sort(),
      }))
      .sort((a, b) => (a.title < b.title ? -1 : 1)),
    rules: zone.rulesets.map((set) => [
      set.phase,
      ...set.rules.map((rule) => `${rule.ref} ${rule.action} ${rule.enabled} ${named(rule.expression)}`),
    ]),
    secrets: secretOf(world).map(named),
    resources: state.resources.map((entry) => `${entry.urn} ${entry.delete ?? false}`).sort(),
    pending: state.pending,
  };
}

function ringShape(ring: RingLedger): object {
  return {
    serial: ring.serial,
    move: `${ring.move.kind} ${ring.move.key}`,
    keys: ring.keys.map((key) => ({
      key: `${key.name} ${key.algorithm} ${key.size} ${key.state} ${key.lifetimeSeconds} ${key.hasSigned}`,
      stamped: Object.keys(key).filter((name) => name.endsWith("At")),
      history: key.history.map((entry) => `${entry.serial} ${entry.move.kind} ${entry.move.key}`),
    })),
  };
}

/** Kids, public parts, secrets and configuration ids, each with the name it goes by. */
async function namesOf(world: World): Promise<[string, string][]> {
  const outputs = await world.local.runner.outputs();
  const ledger = await world.ledger();
  const signers = outputs.signers as Record<string, Record<string, unknown>>;
  const pairs: [string, string][] = [];
  for (const [id, ring] of Object.entries(ledger.rings)) {
    for (const key of ring.keys) {
      if (key.kid !== null) pairs.push([key.kid, `${id}/${key.name}`]);
      const material = key.jwk?.x ?? key.jwk?.n;
      if (material) pairs.push([material, `${id}/${key.name} public`]);
    }
    const jwks = Object.values(signers[id] ?? {}).flat() as Record<string, string>[];
    for (const jwk of jwks) {
      const name = ring.keys.find((key) => key.kid === jwk.kid)?.name;
      for (const member of ["d", "y", "k"])
        if (jwk[member]) pairs.push([jwk[member], `${id}/${name} ${member}`]);
      if (jwk.k) pairs.push([Buffer.from(jwk.k, "base64url").toString("utf8"), `${id}/${name} text`]);
    }
  }
  for (const { id, title } of world.edge.world.zone(zoneId(world)).tokenConfigurations) {
    pairs.push([id, `configuration ${title}`]);
  }
  return pairs;
}

/** What an issuer's Worker finds in the Secrets Store. */
export function secretOf(world: World): string[] {
  return world.rings.flatMap((ring) => {
    if (ring.signer?.kind !== "secretsStore") return [];
    const account = world.local.config["keyturn:accountId"] ?? "";
    return [world.edge.secretValue(account, "keyturn", ring.signer.name) ?? "none"];
  });
}

/** Every instant the ledger and the reports hold, by what it is, in milliseconds. */
export async function stampsOf(world: World): Promise<Record<string, number>> {
  const outputs = await world.local.runner.outputs();
  const ledger = await world.ledger();
  const found: Record<string, number> = {};
  for (const [id, ring] of Object.entries(ledger.rings)) {
    for (const key of ring.keys) {
      for (const [name, value] of Object.entries(key)) {
        if (name.endsWith("At")) found[`${id} ${key.name} ${name}`] = Date.parse(String(value));
      }
      for (const { serial, move } of key.history) {
        if (move.at) found[`${id} ${key.name} ${serial}`] = Date.parse(move.at);
      }
    }
    const kids = new Map(ring.keys.map((key) => [key.kid ?? "", key.name]));
    const reports = (
      outputs.reports as Record<string, Record<string, { readBackAt: object; writtenAt: string }[]>>
    )[id];
    for (const [index, report] of Object.values(reports ?? {})
      .flat()
      .entries()) {
      found[`${id} ${index} writtenAt`] = Date.parse(report.writtenAt);
      for (const [key, at] of Object.entries(report.readBackAt)) {
        found[`${id} ${index} read back ${kids.get(key) ?? key}`] = Date.parse(String(at));
      }
    }
  }
  return found;
}

export function zoneId(world: World): string {
  return world.local.zones[0]?.id ?? "";
}

/** What the API holds of keys, for comparing before and after a run that must change none. */
export function keysAtTheApi(world: World): object {
  const zone = world.edge.world.zone(zoneId(world));
  return {
    configurations: zone.tokenConfigurations.map(({ id, keys }) => ({ id, keys })),
    linkSecrets: zone.rulesets.flatMap((set) =>
      set.rules.flatMap((rule) =>
        [...rule.expression.matchAll(/is_timed_hmac_valid_v0\(\s*"([^"]*)"/g)].map((m) => m[1]),
      ),
    ),
    secrets: secretOf(world),
  };
}
