import type { Definitions, Environment, Ring } from "../../../model/definition/types.ts";
import type { RingUsage } from "../usage.ts";
import { CONTROLS, type Control, FULL } from "./rows.ts";
import { simulate } from "./simulate.ts";

/** One simulated rotation: what was left out, and how many valid requests were refused. */
export interface ControlResult {
  readonly name: string;
  readonly ring: string;
  readonly valid: number;
  readonly refusedValid: number;
  /** No valid request may be refused with the full formulas, and some must be with a term left out. */
  readonly ok: boolean;
}

/** The full formulas and every control, for each of the rings. */
export async function runControls(
  usages: readonly RingUsage[],
  definitions: Definitions,
  environment: Environment,
  controls: readonly Control[] = CONTROLS,
): Promise<ControlResult[]> {
  const results: ControlResult[] = [];
  // A term that a definition states by itself could not be left out, and a mode that refuses nothing shows nothing.
  const bare = usages.map((usage) => ({ ...usage, ring: withoutTerms(usage.ring) }));
  const blocking: Environment = { ...environment, mode: "block" };
  for (const control of [FULL, ...controls]) {
    for (const usage of bare) {
      if (control.tokensOnly && usage.ring.kind === "hmac") continue;
      const { valid, refusedValid } = await simulate(usage, definitions, blocking, control);
      const ok = control === FULL ? refusedValid === 0 && valid > 0 : refusedValid > 0;
      results.push({ name: control.name, ring: usage.ring.id, valid, refusedValid, ok });
    }
  }
  return results;
}

function withoutTerms<T extends Ring>(ring: T): T {
  const { every, at } = ring.rotation;
  return { ...ring, rotation: { every, at } };
}
