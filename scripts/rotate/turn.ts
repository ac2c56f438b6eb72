import type { Ring } from "../../model/definition/types.ts";
import type { RingObservation, Situation } from "../../model/ring/decision.ts";
import type { RingLedger } from "../../model/ring/ledger.ts";
import { ringDefinition } from "../../model/ring/ringDefinition.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { ringLedgerOf } from "../../model/update/plan.ts";
import type { StateResource } from "../engine/engine.ts";
import { type Reading, readStack } from "./reading.ts";
import type { RotationWorld } from "./world.ts";

/** One ring as it stands at one instant: what it is decided, looked at and moved by. */
export interface Turn {
  readonly world: RotationWorld;
  readonly reading: Reading;
  readonly ring: Ring;
  readonly ledger: RingLedger;
  readonly resources: readonly StateResource[];
}

/** The turn of a ring of the deployed definitions, read anew. */
export async function openTurn(world: RotationWorld, ring: Ring): Promise<Turn> {
  const reading = await readStack(world);
  const resources = await world.engine.resources();
  return { world, reading, ring, ledger: ringLedgerOf(reading.plan.ledger, ring), resources };
}

/** What the ring's decisions are made on. */
export function situationOf(
  { world, reading, ring, ledger }: Turn,
  seen: RingObservation,
  more: Pick<Situation, "force" | "patience">,
): Situation {
  const { plan } = reading;
  const wanted = ringDefinition(ring, plan.settings.environment.zones, plan.definitions.hosts);
  return {
    ledger: plan.ledger,
    ring: ledger,
    wanted,
    waits: rotationPolicy(ring),
    seen,
    now: world.now(),
    ...more,
  };
}
