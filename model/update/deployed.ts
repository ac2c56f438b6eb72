import { z } from "zod";
import type { DesiredState, RingStates } from "../compile/types.ts";
import { type Definitions, type Environment, type HostDefinition, isTokenRing } from "../definition/types.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { firstMisfit } from "../problem/problem.ts";
import { ledgerId, tokenPlaces } from "../ring/ringDefinition.ts";
import { acts, type Guard, guardsOf, phaseOf } from "./guards.ts";

const zoneRecord = z.strictObject({
  /** The zone's name, which its resources are named by. */
  zone: z.string(),
  /** Rings with a token configuration in the zone, by the id that the ledger knows them by. */
  rings: z.array(z.string()),
  /** What refuses or challenges requests, by `guardName`, and the ring that it asks; empty text for none. */
  enforced: z.record(z.string(), z.string()),
  /** True when the zone's resources could be deleted as of the last deployment. */
  deletable: z.boolean(),
});

const deployed = z.record(z.string(), zoneRecord);

export type ZoneRecord = z.infer<typeof zoneRecord>;

/** What was last deployed, by zone id: the stack output `deployed`, which the next update is held against. */
export type Deployed = z.infer<typeof deployed>;

/** By the id that the ledger knows a ring by: the places of its tokens that every point of presence reads. */
export type Settled = Readonly<Record<string, readonly string[] | undefined>>;

export interface DeployedRefusal {
  readonly ok: false;
  readonly code:
    | "LEDGER_UNREADABLE"
    | "ZONE_MISSING"
    | "ZONE_RENAMED"
    | "RING_FORGOTTEN"
    | "RING_LEFT_ZONE"
    | "RING_NEW_IN_ZONE"
    | "RULE_WOULD_OPEN";
  readonly message: string;
}

/** Reads the output `deployed` of the last successful update; none yet is an empty one. */
export function readDeployed(
  outputs: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly deployed: Deployed } | DeployedRefusal {
  const parsed = deployed.safeParse(outputs.deployed ?? {});
  if (parsed.success) return { ok: true, deployed: parsed.data };
  return refuse(
    "LEDGER_UNREADABLE",
    `the stack's output \`deployed\` was changed by hand (${firstMisfit(parsed.error)}); restore it from the stack's history`,
  );
}

/** What `desired` deploys, in the form in which the next update reads it. `deletable` is the resources' to say. */
export function deploying(
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
  desired: DesiredState,
): Deployed {
  const idOf = ledgerIds(definitions);
  return Object.fromEntries(
    desired.zones.map((zone): [string, ZoneRecord] => {
      const hosts = definitions.hosts.filter((host) => host.zone.id === zone.zoneId);
      const guards = hosts.flatMap((host) => guardsOf(host, environment, states));
      const enforced = guards
        .filter((guard) => acts(guard.effective))
        .map((guard) => [guard.name, guard.ring === undefined ? "" : idOf(guard.ring)] as const);
      return [
        zone.zoneId,
        {
          zone: zone.zoneName,
          rings: zone.tokenConfigurations.map(({ ring }) => idOf(ring)).sort(),
          enforced: Object.fromEntries(enforced),
          deletable: false,
        },
      ];
    }),
  );
}

/**
 * Holds what an update would deploy against what was deployed: it must not leave a zone or a token configuration
 * behind, no rule may refuse by a token configuration that the zone does not have yet, and none that has refused may
 * fall back to `log` because it names a ring without an ACTIVE key.
 *
 * @param next what `deploying` answers for the same definitions
 */
export function changesSafely(
  previous: Deployed,
  next: Deployed,
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
  forgotten: ReadonlySet<string> = new Set(),
  settled: Settled = {},
): { readonly ok: true } | DeployedRefusal {
  const back = definitions.rings.filter((ring) => forgotten.has(ledgerId(ring))).map(({ id }) => id);
  if (back.length > 0) {
    return refuse(
      "RING_FORGOTTEN",
      `ring ${back.join(", ")} was given up (\`keyturn forget\`), and these definitions have it: update this checkout, or take the ring out. A ring that is to come back needs another id`,
    );
  }
  const left = leavesNothing(previous, next, forgotten);
  if (!left.ok) return left;
  const early = definitions.hosts.flatMap((host) =>
    tooEarly(host, previous, definitions, environment, states, settled),
  );
  if (early.length > 0) return refuse("RING_NEW_IN_ZONE", [...new Set(early)].join("\n"));
  const enforced = Object.assign({}, ...Object.values(previous).map((zone) => zone.enforced));
  const opened = definitions.hosts
    .flatMap((host) => guardsOf(host, environment, states))
    .filter((guard) => acts(guard.wanted) && !acts(guard.effective) && Object.hasOwn(enforced, guard.name));
  if (opened.length === 0) return { ok: true };
  const idOf = ledgerIds(definitions);
  return refuse(
    "RULE_WOULD_OPEN",
    opened.map((guard) => wouldOpen(guard, enforced[guard.name], idOf)).join("\n"),
  );
}

/** Whether every zone and every token configuration that was deployed is in what is to be deployed. */
export function leavesNothing(
  previous: Deployed,
  next: Deployed,
  forgotten: ReadonlySet<string> = new Set(),
): { readonly ok: true } | DeployedRefusal {
  for (const [zoneId, before] of Object.entries(previous)) {
    const refusal = leavesZone(zoneId, before, next[zoneId], forgotten);
    if (refusal) return refusal;
  }
  return { ok: true };
}

function leavesZone(
  zoneId: string,
  before: ZoneRecord,
  now: ZoneRecord | undefined,
  forgotten: ReadonlySet<string>,
): DeployedRefusal | undefined {
  if (now !== undefined && now.zone !== before.zone) {
    return refuse(
      "ZONE_RENAMED",
      `the zone ${zoneId} was deployed as ${before.zone} and the stack configuration names it ${now.zone}: its resources would be made a second time and then deleted. Put the name back`,
    );
  }
  if (before.deletable) return undefined;
  if (now === undefined) {
    return refuse(
      "ZONE_MISSING",
      `the zone ${before.zone} (${zoneId}) holds rules of this stack, and no host of the definitions is in it: update this checkout or put the hosts back. ${givingUp("the zone")}`,
    );
  }
  const left = before.rings.filter((ring) => !now.rings.includes(ring) && !forgotten.has(ring));
  if (left.length === 0) return undefined;
  return refuse(
    "RING_LEFT_ZONE",
    `ring ${left.join(", ")} has a token configuration in ${before.zone}, and no host there uses it any more: it would keep keys that no rotation or revocation reaches. Name the ring under \`tokens\` of a host there. ${givingUp("it")}`,
  );
}

/**
 * Rules that would begin to refuse by a ring at work, at a place of its tokens that not every point of presence is
 * known to read. One that has the rule and not yet the token configuration would refuse every valid token.
 */
function tooEarly(
  host: HostDefinition,
  previous: Deployed,
  definitions: Definitions,
  environment: Environment,
  states: RingStates,
  settled: Settled,
): string[] {
  if (Object.keys(previous).length === 0) return [];
  const idOf = ledgerIds(definitions);
  const before = previous[host.zone.id];
  const configured = new Set(definitions.rings.filter(isTokenRing).map(({ id }) => id));
  const isKnown = (ring: string, guard: string): boolean => {
    const known = settled[idOf(ring)];
    const places = tokenPlaces(ring, [host]);
    // A ledger of before says of no place when it was known, and a raw expression says of no place at all.
    if (known === undefined || places.length === 0) return before?.rings.includes(idOf(ring)) === true;
    // What refuses already goes on: to whoever sends a token elsewhere, the new place is none yet.
    const refuses = before?.enforced[guard] === idOf(ring);
    return refuses
      ? places.some((place) => known.includes(place))
      : places.every((place) => known.includes(place));
  };
  return guardsOf(host, environment, states).flatMap(({ rule, name, rings, waitsFor, effective }) => {
    // Of an alternative whose ring has no key yet nobody has a token.
    const asked = rings.filter((ring) => configured.has(ring) && !waitsFor.includes(ring));
    const { file, line, column } = rule.at.self;
    return asked.flatMap((ring) =>
      !acts(effective) || isKnown(ring, name)
        ? []
        : [
            `rule ${rule.id} (${file}:${line}:${column}) would refuse by ring ${ring}, whose tokens not every point of presence of ${host.zone.name} is known to read there: valid tokens would be refused. First deploy it with \`mode: log\`, ring ${ring} under the \`tokens\` of ${host.host}; \`keyturn rotate ${ring}\` records when it is known everywhere (\`settle\`), and then the rule may refuse`,
          ],
    );
  });
}

function givingUp(what: string): string {
  return `To give ${what} up: from the definitions that still have it, \`pulumi config set keyturn:deletable true\` and \`pulumi up\`; then take it out and \`pulumi up\`; then set keyturn:deletable back to false`;
}

function wouldOpen(
  { rule, name, waitsFor: [ring = ""] }: Guard,
  asked: string,
  idOf: (ring: string) => string,
): string {
  const { file, line, column, what } = {
    [CUSTOM_PHASE]: { ...rule.at.require, what: `rule ${rule.id}` },
    [RATE_LIMIT_PHASE]: { ...rule.at.rateLimit, what: `the rate limit of rule ${rule.id}` },
  }[phaseOf(name)];
  const keep = asked === "" || asked === idOf(ring) ? "what it asked before" : `ring ${asked}`;
  return `${what} (${file}:${line}:${column}) refuses requests today, and ring ${ring}, which it now names, has no ACTIVE key yet: it could only log, and the requests would pass. Keep ${keep} in it; name ring ${ring} under the host's \`tokens\` or in a rule with \`mode: log\`, deploy, and run \`keyturn rotate ${ring}\` until its first key is ACTIVE; then change the rule. To let the requests pass, say \`mode: log\``;
}

function ledgerIds(definitions: Definitions): (ring: string) => string {
  const ids = new Map(definitions.rings.map((ring) => [ring.id, ledgerId(ring)]));
  return (ring) => ids.get(ring) ?? ring;
}

function refuse(code: DeployedRefusal["code"], message: string): DeployedRefusal {
  return { ok: false, code, message };
}
