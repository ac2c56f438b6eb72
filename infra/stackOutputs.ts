import * as pulumi from "@pulumi/pulumi";
import type { DesiredZone } from "../model/compile/types.ts";
import type { Ring } from "../model/definition/types.ts";
import { CUSTOM_PHASE, forPhases, PHASES } from "../model/facts/phases.ts";
import type { Ledger, RingLedger } from "../model/ring/ledger.ts";
import { publishedKeys } from "../model/ring/realize.ts";
import { ledgerId } from "../model/ring/ringDefinition.ts";
import type { DefinitionRecord } from "../model/update/definitionRecord.ts";
import type { Deployed } from "../model/update/deployed.ts";
import type { UpdatePlan } from "../model/update/plan.ts";
import type { LastOutputs } from "./lastOutputs.ts";
import { isLeftOut, withFormer } from "./leftOut.ts";
import type { TokenConfiguration } from "./providers/tokenConfiguration.ts";
import type { Former, Realized, RingSigners } from "./realizedRing.ts";
import type { RingConfigurations } from "./ringConfigurations.ts";
import type { ZoneRules } from "./zoneRules.ts";

/** A zone as wanted, and its resources. */
export interface ZoneEntry {
  readonly zone: DesiredZone;
  readonly rules: ZoneRules;
}

/** A ring as defined and as the ledger has it, and its resources. */
export interface RingEntry {
  readonly ring: Ring;
  readonly ledger: RingLedger;
  readonly configurations: RingConfigurations;
}

/** The zones whose rules name a ring: only these hold its secrets. */
export function zonesOf(ring: Ring, zones: readonly ZoneEntry[]): readonly ZoneEntry[] {
  return zones.filter(({ zone }) => zone.rules[CUSTOM_PHASE].some((rule) => rule.rings.includes(ring.id)));
}

interface Outcome {
  readonly plan: UpdatePlan;
  readonly rings: readonly { readonly entry: RingEntry; readonly done: Realized }[];
  readonly zones: readonly ZoneEntry[];
  readonly last: LastOutputs;
}

/** The stack's outputs: what the ledger says once every resource has said that it is so. */
export function stackOutputs({ plan, rings, zones, last }: Outcome) {
  const { ledger, deployed } = plan;
  const done = rings.map((ring) => ({ ...ring, report: report(ring.entry, zones) }));
  const leftOut = ringsLeftOut(done, plan.moving, last);
  return {
    ...byRing(ledger, done, leftOut, last),
    ...(plan.record === undefined ? {} : recorded(plan.record, plan.compiled, zones, last)),
    deployed: record(deployed, zones, leftOut, last),
  };
}

/** What the next advance works from, once every phase of every zone says that it holds what this run compiled. */
function recorded(
  record: DefinitionRecord,
  compiled: UpdatePlan["compiled"],
  zones: readonly ZoneEntry[],
  last: LastOutputs,
) {
  const held = pulumi.all(
    zones.map(({ zone, rules }) => {
      const wanted = compiled.zones[zone.zoneId];
      return pulumi
        .all(forPhases((phase) => rules.phases[phase].compiled))
        .apply((held) => PHASES.every((phase) => held[phase] === wanted?.[phase]));
    }),
  );
  const each = async (name: keyof DefinitionRecord): Promise<pulumi.Output<unknown>> => {
    // What a targeted run leaves out is not deployed.
    if (await isLeftOut(held)) return pulumi.output(last[name]);
    return held.apply((phases): unknown => (phases.includes(false) ? last[name] : record[name]));
  };
  return {
    /** Settings and digests of what is deployed. */
    definitions: each("definitions"),
    /** The files themselves. Nothing in them is secret; marked as if, a preview shows the digests instead of kilobytes. */
    definitionFiles: each("definitionFiles").then((files) => pulumi.secret(files)),
  };
}

interface DoneRing {
  readonly entry: RingEntry;
  readonly done: Realized;
  readonly report: pulumi.Output<object>;
}

/** What the last successful update said of a ring; undefined for a new one. */
export function formerOf(last: LastOutputs, ring: string): Former | undefined {
  const ledger = (last.ledger as Ledger | undefined)?.rings[ring];
  const signers = (last.signers as Readonly<Record<string, RingSigners>> | undefined)?.[ring];
  return ledger && signers ? { ledger, signers } : undefined;
}

/** The rings that a targeted run leaves out: such a one keeps its outputs, and must not be the one that moves. */
async function ringsLeftOut(
  rings: readonly DoneRing[],
  moving: string | undefined,
  last: LastOutputs,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { entry, done, report } of rings) {
    const parts = await Promise.all([done.ledger, done.signers, report].map(isLeftOut));
    if (!parts.includes(true)) continue;
    const { ring } = entry.ledger;
    if (ring === moving && formerOf(last, ring)?.ledger.serial !== entry.ledger.serial) {
      throw new pulumi.RunError(
        `NOT_REALIZED: this run leaves out a new resource of ring ${ring}, which it moves (--target, --exclude). The old ledger stays; run the same command again without them`,
      );
    }
    found.add(ring);
  }
  return found;
}

/** What each zone holds now; of a phase that this run left out or failed at, what it held before. */
async function record(
  deployed: Deployed,
  zones: readonly ZoneEntry[],
  leftOut: Promise<ReadonlySet<string>>,
  last: LastOutputs,
): Promise<pulumi.Output<Deployed>> {
  const rings = await leftOut;
  const former = (last.deployed ?? {}) as Deployed;
  const zonesLeftOut = new Set<string>();
  const found: Record<string, pulumi.Output<Deployed[string]>> = {};
  for (const { zone, rules } of zones) {
    const held = pulumi
      .all([
        rules.phases[CUSTOM_PHASE].deletable,
        pulumi.all(PHASES.map((phase) => rules.phases[phase].enforced)),
      ])
      .apply(([deletable, byPhase]) => {
        const enforced = Object.fromEntries(byPhase.flatMap((held) => Object.entries(held ?? {})));
        const wanted = { zone: zone.zoneName, rings: [], ...deployed[zone.zoneId] };
        const before = former[zone.zoneId]?.rings ?? [];
        const present = wanted.rings.filter((ring) => !rings.has(ring) || before.includes(ring));
        return { ...wanted, rings: present, deletable, enforced };
      });
    found[zone.zoneId] = held;
    if (await isLeftOut(held)) zonesLeftOut.add(zone.zoneId);
  }
  return withFormer(found, zonesLeftOut, last.deployed);
}

function byRing(
  ledger: Ledger,
  done: readonly DoneRing[],
  leftOut: Promise<ReadonlySet<string>>,
  last: LastOutputs,
) {
  const each = async <T>(pick: (ring: DoneRing) => pulumi.Output<T>, before: unknown) =>
    withFormer(
      Object.fromEntries(done.map((ring) => [ring.entry.ledger.ring, pick(ring)])),
      await leftOut,
      before,
    );
  const undefinedRings = Object.fromEntries(
    Object.entries(ledger.rings).filter(([id]) => !done.some(({ entry }) => entry.ledger.ring === id)),
  );
  const rings = each(({ done }) => done.ledger, (last.ledger as Ledger | undefined)?.rings);
  return {
    /** Every key that ever lived, without secrets; the next update reads it back. */
    ledger: rings.then((known) =>
      known.apply((current) => ({ ...ledger, rings: { ...undefinedRings, ...current } })),
    ),
    /** What the resources report beside it: ids and read-back times. */
    reports: each(({ report }) => report, last.reports),
    /** Private and symmetric keys by ring and role, for issuers and for `rotate`. */
    signers: each(({ done }) => done.signers, last.signers).then((known) => pulumi.secret(known)),
    /** Public keys of the rings that publish a JWKS (RFC 7517 section 5). */
    jwks: rings.then((known) =>
      known.apply((current) =>
        publicSets(
          current,
          done.map(({ entry }) => entry.ring),
        ),
      ),
    ),
  };
}

function report(entry: RingEntry, zones: readonly ZoneEntry[]): pulumi.Output<object> {
  switch (entry.ring.kind) {
    case "jwt":
    case "mirror":
      return pulumi
        .all([...entry.configurations.byZone].map(configurationReport))
        .apply((configurations) => ({ configurations }));
    case "hmac": {
      const { id } = entry.ring;
      const found = zonesOf(entry.ring, zones).map((zone) => rulesReport(zone, `${id}/`));
      return pulumi.all(found).apply((rules) => ({ rules }));
    }
  }
}

function configurationReport([zoneId, { id, readBackAt, writtenAt }]: readonly [string, TokenConfiguration]) {
  return pulumi.all([id, readBackAt, writtenAt]).apply(([configurationId, readBackAt, writtenAt]) => ({
    zoneId,
    configurationId,
    readBackAt,
    writtenAt,
  }));
}

/** Of the secrets whose names begin with `prefix`. */
function rulesReport({ zone, rules }: ZoneEntry, prefix: string) {
  const { rulesetId, readBackAt, writtenAt } = rules.phases[CUSTOM_PHASE];
  return pulumi.all([rulesetId, readBackAt, writtenAt]).apply(([rulesetId, readBackAt, writtenAt]) => ({
    zoneId: zone.zoneId,
    rulesetId,
    readBackAt: Object.fromEntries(Object.entries(readBackAt).filter(([name]) => name.startsWith(prefix))),
    writtenAt,
  }));
}

function publicSets(rings: Readonly<Record<string, RingLedger>>, definitions: readonly Ring[]): object {
  const publishing = definitions.filter((ring) => ring.kind === "jwt" && ring.publishJwks);
  const keys = (ring: RingLedger) =>
    publishedKeys(ring).flatMap((key) =>
      key.jwk === null ? [] : [{ ...key.jwk, kid: key.kid, alg: key.algorithm, use: "sig" }],
    );
  return Object.fromEntries(
    publishing.flatMap((ring) => {
      const found = rings[ledgerId(ring)];
      return found === undefined ? [] : [[ring.id, { keys: keys(found) }]];
    }),
  );
}
