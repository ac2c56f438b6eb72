import { hostFor } from "../../model/definition/hostNames.ts";
import type { Ring, TokenSource } from "../../model/definition/types.ts";
import { SettingsError } from "../../model/environment/settings.ts";
import { CUSTOM_PHASE } from "../../model/facts/phases.ts";
import { asAccepted } from "../../model/ring/accepts.ts";
import type { Look, RingObservation } from "../../model/ring/decision.ts";
import type { KeyRecord, RingLedger } from "../../model/ring/ledger.ts";
import { publishedKeys } from "../../model/ring/realize.ts";
import { tokenPlace } from "../../model/ring/ringDefinition.ts";
import type { SignerJwk } from "../token/signers.ts";
import { askCanary } from "./canary.ts";
import type { RingReport } from "./reading.ts";
import { takeSamples } from "./samples.ts";
import type { Turn } from "./turn.ts";
import { unfinishedMove } from "./unfinished.ts";

/** What can be seen of a ring without asking the edge: reports, half-done moves, the API's own answer. */
export async function observe(turn: Turn): Promise<RingObservation> {
  const { reading, ring, ledger } = turn;
  const report = reading.reports[ledger.ring] ?? {};
  const { unfinished } = observeState(turn);
  // A promotion changes no key set; what any other half-done move has changed is not foreign.
  const isSet = unfinished === undefined || unfinished.move.kind === "promote";
  const drift = isSet ? await findDrift(turn, report) : undefined;
  const writes = [...(report.configurations ?? []), ...(report.rules ?? [])]
    .map((entry) => entry.writtenAt)
    .sort();
  const writtenAt = writes.at(-1);
  return {
    readBackAt: readBack(ring, ledger, report),
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(isUsed(turn) ? {} : { unused: true as const }),
    ...(ring.kind === "jwt" && ring.publishJwks ? { jwks: reading.jwks[ring.id] ?? [] } : {}),
    ...drift,
    ...(writtenAt === undefined ? {} : { writtenAt }),
  };
}

/** What the stack's state says of a ring: an emergency asks nobody else. */
export function observeState({ ledger, resources }: Turn): RingObservation {
  const unfinished = unfinishedMove(ledger, resources);
  return { readBackAt: {}, ...(unfinished === undefined ? {} : { unfinished }) };
}

/** Whether any zone has a token configuration of the ring, or a rule that checks its links. */
function isUsed({ reading, ring }: Turn): boolean {
  const { zones } = reading.plan.desired;
  switch (ring.kind) {
    case "jwt":
    case "mirror":
      return zones.some((zone) => zone.tokenConfigurations.some((each) => each.ring === ring.id));
    case "hmac":
      return zones.some((zone) => zone.rules[CUSTOM_PHASE].some((rule) => rule.rings.includes(ring.id)));
  }
}

/** Answers the one more look that a decision asked for. */
export async function lookCloser(
  turn: Turn,
  seen: RingObservation,
  { look, key }: { readonly look: Look; readonly key: string },
): Promise<RingObservation> {
  const { world, reading, ring, ledger } = turn;
  const keys = reading.signers[ledger.ring] ?? { retiring: [], retired: [] };
  if (look === "samples") {
    const { samples } = reading;
    if (samples instanceof SettingsError) {
      const uncounted = samples.problems.map(({ message, hint }) => `${message} (${hint})`);
      return { ...seen, samples: { at: new Date(world.now()).toISOString(), byKey: {}, uncounted } };
    }
    const question = { ring, ledger, ledgers: reading.plan.ledger, keys };
    return { ...seen, samples: await takeSamples(world, question, samples[ring.id] ?? samples[ledger.ring]) };
  }
  const kid = ledger.keys.find((record) => record.name === key)?.kid;
  const all: readonly (SignerJwk | undefined)[] = [
    keys.pending,
    keys.active,
    ...keys.retiring,
    ...keys.retired,
  ];
  const jwk = all.find((candidate) => candidate?.kid === kid);
  if (jwk === undefined) {
    const none = {
      at: new Date(world.now()).toISOString(),
      rounds: 0,
      pops: [],
      key: "none",
      unknown: "none",
    } as const;
    return look === "canary" ? { ...seen, canary: none } : { ...seen, refused: none };
  }
  const answer = await askCanary(world, {
    ring: asAccepted(ring, ledger),
    canaries: reading.plan.desired.zones.flatMap((zone) =>
      zone.canaries
        .filter((canary) => canary.ring === ring.id)
        .map((canary) => ({ ...canary, source: sourceOf(turn, canary.host) })),
    ),
    key: jwk,
    active:
      jwk === keys.active ? undefined : (keys.active ?? (look === "refused" ? keys.pending : undefined)),
    mixed: look === "canary" ? "refused" : "accepted",
  });
  return look === "canary" ? { ...seen, canary: answer } : { ...seen, refused: answer };
}

/** When every zone had read a key back: the latest of them, and none as long as one is missing. */
function readBack(ring: Ring, ledger: RingLedger, report: RingReport): Record<string, string> {
  const places = [
    ...(report.configurations ?? []).map((entry) => (key: KeyRecord) => entry.readBackAt[key.kid ?? ""]),
    ...(report.rules ?? []).map((entry) => (key: KeyRecord) => entry.readBackAt[`${ring.id}/${key.name}`]),
  ];
  const stamps = publishedKeys(ledger).flatMap((key) => {
    const seen = places.map((place) => place(key));
    const missing = seen.length === 0 || seen.includes(undefined);
    return missing ? [] : [[key.name, seen.sort().at(-1) as string] as const];
  });
  return Object.fromEntries(stamps);
}

type Drift = Pick<RingObservation, "drift" | "live">;

async function findDrift(turn: Turn, report: RingReport): Promise<Drift> {
  switch (turn.ring.kind) {
    case "jwt":
    case "mirror":
      return configurationDrift(turn, report);
    case "hmac":
      return ruleDrift(turn, report);
  }
}

async function configurationDrift({ world, ledger }: Turn, report: RingReport): Promise<Drift> {
  const wanted = publishedKeys(ledger).map((key) => `${key.kid} ${key.algorithm}`);
  const live: string[][] = [];
  for (const { zoneId, configurationId } of report.configurations ?? []) {
    const keys = await world.liveKeys(zoneId, configurationId);
    if (keys === undefined) return { drift: `token configuration ${configurationId} does not exist` };
    live.push(keys.map((key) => `${key.kid} ${key.alg}`));
  }
  const different = live.flatMap((found) => {
    const missing = wanted.filter((key) => !found.includes(key));
    const foreign = found.filter((key) => !wanted.includes(key));
    return missing.length + foreign.length > 0 ? [describe(missing, foreign)] : [];
  });
  return different[0] === undefined ? {} : { drift: different[0], live };
}

/** Which secrets stand in a rule cannot be seen; that the rule is there can. */
async function ruleDrift({ world, reading, ring }: Turn, report: RingReport): Promise<Drift> {
  for (const zone of reading.plan.desired.zones) {
    const mine = zone.rules[CUSTOM_PHASE]
      .filter((rule) => rule.rings.includes(ring.id))
      .map((rule) => rule.ref);
    const live = mine.length === 0 ? [] : await world.liveRules({ zone_id: zone.zoneId }, CUSTOM_PHASE);
    const missing = mine.filter((ref) => !live.some((rule) => rule.ref === ref));
    if (missing.length > 0 && report.rules !== undefined)
      return { drift: `rules are missing: ${missing.join(", ")}` };
  }
  return {};
}

function describe(missing: readonly string[], foreign: readonly string[]): string {
  const parts = [
    ...(missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
    ...(foreign.length > 0 ? [`unknown ${foreign.join(", ")}`] : []),
  ];
  return parts.join("; ");
}

/**
 * Where a host has the ring's tokens: another zone's configuration may read them elsewhere. Of several places one that
 * every point of presence is known to read.
 */
function sourceOf({ reading, ring, ledger }: Turn, name: string): TokenSource {
  const host = hostFor(name, reading.plan.definitions.hosts);
  const sources = host?.tokens.find((each) => each.ring === ring.id)?.sources ?? [];
  const known = sources.find((source) => host && ledger.places?.includes(tokenPlace(host.zone, source)));
  return known ?? sources[0] ?? { kind: "header", name: "authorization" };
}
