import { modeText } from "../../model/definition/modes.ts";
import { forPhases, type Phase } from "../../model/facts/phases.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import type { RunResult } from "../../scripts/engine/engine.ts";
import { readStack } from "../../scripts/rotate/reading.ts";
import type { Stage } from "./stage.ts";

/** What the first `up` made. */
export interface Deployment {
  readonly ok: boolean;
  readonly resources: number;
  readonly zones: readonly {
    readonly name: string;
    /** How many. */
    readonly rules: Readonly<Record<Phase, number>>;
    readonly tokenConfigurations: number;
  }[];
  readonly rings: readonly {
    readonly id: string;
    readonly algorithm: string;
    /** Seconds. */
    readonly lifetime: number;
    readonly every: number;
    readonly lead: number;
    readonly overlap: number;
    /** A host uses it, so that it can be proved and rotated. */
    readonly rotated: boolean;
    /** Somebody else turns its keys. */
    readonly mirrored: boolean;
    /** A rule refuses requests without it, so that load shows whether valid ones are. */
    readonly loaded: boolean;
  }[];
  readonly hosts: readonly { readonly host: string; readonly rules: readonly string[] }[];
}

/** Tells what was deployed, from the definitions and the desired state. */
export async function describeDeployment(stage: Stage, run: RunResult): Promise<Deployment> {
  const { plan } = await readStack(stage.world);
  return {
    ok: run.ok,
    resources: run.changes.create ?? 0,
    zones: plan.desired.zones.map((zone) => ({
      name: zone.zoneName,
      rules: forPhases((phase) => zone.rules[phase].length),
      tokenConfigurations: zone.tokenConfigurations.length,
    })),
    rings: stage.definitions.rings.map((ring) => {
      const policy = rotationPolicy(ring);
      return {
        id: ring.id,
        algorithm: { hmac: "links", mirror: "mirrored", jwt: ring.kind === "jwt" ? ring.algorithm : "" }[
          ring.kind
        ],
        lifetime: policy.lifetimeSeconds,
        every: policy.everySeconds,
        lead: policy.leadSeconds,
        overlap: policy.overlapSeconds(policy.lifetimeSeconds),
        rotated: stage.rotated.includes(ring),
        mirrored: ring.kind === "mirror",
        loaded: stage.usages.some((usage) => usage.ring.id === ring.id),
      };
    }),
    hosts: stage.definitions.hosts.map(({ host, rules }) => ({
      host,
      rules: rules.map(({ id, mode }) => (modeText(mode) === "block" ? id : `${id} (${modeText(mode)})`)),
    })),
  };
}
