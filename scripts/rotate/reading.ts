import type { Ring } from "../../model/definition/types.ts";
import type { SampleAddress } from "../../model/environment/sampleAddress.ts";
import { readSampleAddresses, type SettingsError } from "../../model/environment/settings.ts";
import { type DeployedPlan, planDeployed } from "../../model/update/plan.ts";
import type { SignerJwk } from "../token/signers.ts";
import type { RotationWorld } from "./world.ts";

/** A ring's keys, private parts included, as the stack's secret output has them. */
export interface RingKeys {
  readonly active?: SignerJwk;
  readonly pending?: SignerJwk;
  readonly retiring: readonly SignerJwk[];
  readonly retired: readonly SignerJwk[];
}

/** What the resources of a ring report. */
export interface RingReport {
  readonly configurations?: readonly {
    readonly zoneId: string;
    readonly configurationId: string;
    readonly readBackAt: Readonly<Record<string, string>>;
    readonly writtenAt: string;
  }[];
  readonly rules?: readonly {
    readonly rulesetId: string;
    readonly readBackAt: Readonly<Record<string, string>>;
    readonly writtenAt: string;
  }[];
}

/** The stack as it stands: what is deployed, what the ledger says, what the resources reported, and the keys. */
export interface Reading {
  readonly plan: DeployedPlan;
  readonly reports: Readonly<Record<string, RingReport>>;
  readonly signers: Readonly<Record<string, RingKeys>>;
  /** Kids in the JWKS that the stack publishes, by ring. */
  readonly jwks: Readonly<Record<string, readonly string[]>>;
  /** Sample address by ring, or what is wrong with them: only a sample depends on it. */
  readonly samples: Readonly<Record<string, SampleAddress>> | SettingsError;
}

/**
 * Reads the stack, the same from every checkout: of the disk only the ring's sample addresses are asked for.
 *
 * @throws PlanRefused as `planDeployed` does
 */
export async function readStack(world: RotationWorld): Promise<Reading> {
  const [outputs, config] = [await world.engine.outputs(), await world.engine.config()];
  return {
    plan: planDeployed(world.engine.stack, outputs),
    reports: (outputs.reports ?? {}) as Reading["reports"],
    signers: (outputs.signers ?? {}) as Reading["signers"],
    jwks: kidsOf((outputs.jwks ?? {}) as PublishedSets),
    samples: readSampleAddresses(config),
  };
}

type PublishedSets = Readonly<Record<string, { readonly keys: readonly { readonly kid: string }[] }>>;

function kidsOf(sets: PublishedSets): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(sets).map(([ring, { keys }]) => [ring, keys.map(({ kid }) => kid)]),
  );
}

/** True for a ring's id, and for the one it had first: messages about its resources name it by that. */
export function isNamed(ring: Ring, id: string): boolean {
  return ring.id === id || ring.was === id;
}

/** The ring with this id, or undefined. */
export function ringById(reading: Reading, id: string): Ring | undefined {
  return reading.plan.definitions.rings.find((ring) => isNamed(ring, id));
}
