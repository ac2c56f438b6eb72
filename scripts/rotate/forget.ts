import { isTokenRing, type Ring } from "../../model/definition/types.ts";
import { PHASES } from "../../model/facts/phases.ts";
import { advance, type Decision, instant } from "../../model/ring/decision.ts";
import type { RingLedger } from "../../model/ring/ledger.ts";
import { activeKey, publishedKeys } from "../../model/ring/realize.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { requireMatch, ringLedgerOf } from "../../model/update/plan.ts";
import { lockedMessage, type RunResult, type StateResource } from "../engine/engine.ts";
import { clockProblem } from "./clock.ts";
import { type Reading, readStack, ringById } from "./reading.ts";
import { moveTargets } from "./targets.ts";
import { unfinishedMove } from "./unfinished.ts";
import type { RotationWorld } from "./world.ts";

export interface ForgetResult {
  readonly ok: boolean;
  readonly decision?: Decision;
  readonly run?: RunResult;
  readonly refused?: { readonly code: string; readonly message: string };
  /** What is left to do. */
  readonly next?: string;
}

/**
 * Gives a ring up: the ledger says so, and its resources may be deleted from then on, by the `up` of definitions that
 * do not have it any more. No deployed rule may ask it, and the last that did must be gone everywhere: the
 * configuration goes only P after the rules. Doing it twice is doing it once.
 */
export async function forget(world: RotationWorld, id: string): Promise<ForgetResult> {
  const lock = await world.engine.lock();
  if (lock) return refuse("STACK_LOCKED", lockedMessage(lock));
  const clock = await clockProblem(world);
  if (clock !== undefined) return refuse("CLOCK_SKEW", clock);
  const reading = await readStack(world);
  requireMatch(reading.plan);
  const ring = ringById(reading, id);
  if (ring === undefined) return alreadyGone(reading, id);
  const ledger = ringLedgerOf(reading.plan.ledger, ring);
  const next = `take ring ${ring.id} out of the definitions and run \`pulumi up\`: it deletes the ring's keys, its token configurations and its issuer's secret`;
  if (ledger.forgottenAt !== undefined) return { ok: true, next };
  const resources = await world.engine.resources();
  const refused =
    inUse(reading, ring) ?? unfinished(ledger, resources) ?? tooEarly(world, reading, ring, resources);
  if (refused) return refused;
  const key = activeKey(ledger) ?? publishedKeys(ledger)[0] ?? ledger.keys[0];
  const decision = advance(
    { ledger: reading.plan.ledger, ring: ledger, now: world.now() },
    { kind: "forget", key: key?.name ?? "", evidence: { observedAt: instant(world.now()) } },
    "asked for: the ring is given up",
  );
  const targets = moveTargets(ring, "forget", reading.plan.desired);
  const run = await world.engine.up({ advance: decision.advance, targets });
  return { ok: run.ok, decision, run, ...(run.ok ? { next } : {}) };
}

function alreadyGone({ plan }: Reading, id: string): ForgetResult {
  if (plan.ledger.rings[id]?.forgottenAt !== undefined)
    return { ok: true, next: `nothing: ring ${id} was given up, and is deployed no more` };
  return refuse("RING_UNKNOWN", `the deployed definitions have no ring ${id}`);
}

/** Rules that ask the ring, but for the canary that comes with its name under `tokens`. */
function inUse({ plan }: Reading, ring: Ring): ForgetResult | undefined {
  const users = plan.desired.zones.flatMap((zone) =>
    Object.values(zone.rules)
      .flat()
      .filter((rule) => rule.rings.includes(ring.id))
      .flatMap(({ branches }) => {
        // A rate limit may ask the ring in what it counts by, and in no condition.
        const naming = branches.filter(({ expression }) => names(expression, ring.id));
        return (naming.length > 0 ? naming : branches).map(({ ruleId }) => ruleId);
      })
      .filter((rule) => rule !== "canary")
      .map((rule) => `${rule} in ${zone.zoneName}`),
  );
  if (users.length === 0) return undefined;
  const listed = [...new Set(users)].join(", ");
  return refuse(
    "RING_IN_USE",
    `ring ${ring.id} is asked by ${users.length === 1 ? "a rule" : "rules"} that ${users.length === 1 ? "is" : "are"} deployed: ${listed}. Take the ring out of them${isTokenRing(ring) ? " and leave it under `tokens`" : ""}, run \`pulumi up\`, and run this again ten minutes later`,
  );
}

function names(expression: string, ring: string): boolean {
  return expression.includes(`\${config:${ring}}`) || expression.includes(`\${secret:${ring}/`);
}

function unfinished(ledger: RingLedger, resources: readonly StateResource[]): ForgetResult | undefined {
  const open = unfinishedMove(ledger, resources);
  if (open === undefined) return undefined;
  return refuse(
    "FENCED",
    `${open.move.kind} of ${open.move.key} in ring ${ledger.ring} was begun and not finished: run \`keyturn rotate ${ledger.ring}\`, which finishes it, then this again`,
  );
}

/** P counts from the read-back of the rules that no longer ask the ring. */
function tooEarly(
  world: RotationWorld,
  { plan }: Reading,
  ring: Ring,
  resources: readonly StateResource[],
): ForgetResult | undefined {
  const { propagationSeconds, skewSeconds } = rotationPolicy(ring);
  const written = plan.desired.zones
    .flatMap(({ zoneName }) => PHASES.map((phase) => `${zoneName}.${phase}`))
    .map((name) => resources.find(({ urn }) => urn.endsWith(`:PhaseRules::${name}`))?.outputs.writtenAt)
    .flatMap((at) => (typeof at === "string" && at !== "" ? [Date.parse(at)] : []));
  const from = Math.max(0, ...written) + 1000 * (propagationSeconds + 2 * skewSeconds.controller);
  if (world.now() >= from) return undefined;
  return refuse(
    "FORGET_TOO_EARLY",
    `rules were changed a short while ago, and a point of presence may still have one that asks ring ${ring.id}: run this again at ${instant(from)} or later`,
  );
}

function refuse(code: string, message: string): ForgetResult {
  return { ok: false, refused: { code, message } };
}
