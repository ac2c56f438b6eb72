import { compile } from "../compile/index.ts";
import type { DesiredState, RingState } from "../compile/types.ts";
import type { Definitions, Environment, Ring } from "../definition/index.ts";
import { loadDefinitions } from "../definition/index.ts";
import { algorithms } from "../facts/algorithms.ts";
import { errorsOf, ProblemError } from "../problem/problem.ts";
import { readAdvance } from "../ring/advance.ts";
import type { Ledger, RingLedger } from "../ring/ledger.ts";
import { readLedger } from "../ring/ledger.ts";
import { nextLedger } from "../ring/next.ts";
import { activeKey, hasBlocked, publishedKeys } from "../ring/realize.ts";
import { ledgerId, ringDefinition } from "../ring/ringDefinition.ts";
import { changesSafely, type Deployed, deploying, readDeployed } from "./deployed.ts";

/** Everything an update depends on, besides the resources themselves. */
export interface UpdateInputs {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly environment: Environment;
  /** `organization/project/stack`. */
  readonly stack: string;
  /** The outputs of the last successful update; empty for a new stack. */
  readonly last: Readonly<Record<string, unknown>>;
  /** Text of `KEYTURN_ADVANCE`. */
  readonly advance: string | undefined;
}

export interface UpdatePlan {
  readonly definitions: Definitions;
  readonly ledger: Ledger;
  readonly desired: DesiredState;
  /** What the next update will be held against. */
  readonly deployed: Deployed;
}

/** A refusal of the ledger or of an advance, with its stable code. */
export class PlanRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = "PlanRefused";
    this.code = code;
  }
}

/**
 * Definitions, last ledger and advance → what an update shall make. Nothing is registered or written before this
 * has answered.
 *
 * @throws ProblemError with every problem of the definitions; PlanRefused where the ledger or the advance does not fit
 */
export function planUpdate(inputs: UpdateInputs): UpdatePlan {
  const { definitions, problems } = loadDefinitions(inputs.files, inputs.environment);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  const previous = accepted(readLedger(inputs.last, inputs.stack)).ledger;
  const { advance } = accepted(readAdvance(inputs.advance));
  const known = new Set(algorithms.map((row) => row.alg));
  const rings = definitions.rings.map((ring) => ringDefinition(ring, inputs.environment.zones));
  const { ledger } = accepted(nextLedger(previous, rings, advance, known));
  const states = Object.fromEntries(
    definitions.rings.map((ring) => [ring.id, ringState(ringLedgerOf(ledger, ring))] as const),
  );
  const desired = compile(definitions, inputs.environment, states);
  if (errorsOf(desired.problems).length > 0) throw new ProblemError(desired.problems);
  const before = accepted(readDeployed(inputs.last)).deployed;
  const deployed = deploying(definitions, inputs.environment, states, desired);
  accepted(changesSafely(before, deployed, definitions, inputs.environment, states));
  return { definitions, ledger, desired, deployed };
}

/** The ledger of a defined ring; every defined ring has one after `planUpdate`. */
export function ringLedgerOf(ledger: Ledger, ring: Ring): RingLedger {
  const found = ledger.rings[ledgerId(ring)];
  if (found === undefined)
    throw new PlanRefused("RING_UNKNOWN", `the ledger has no ring ${ring.id}: run \`pulumi up\` first`);
  return found;
}

/** Newest first, so that the key of tomorrow is checked first. */
function ringState(ring: RingLedger): RingState {
  const keys = publishedKeys(ring).map((key) => ({
    name: key.name,
    ...(key.kid === null ? {} : { kid: key.kid }),
  }));
  return { active: activeKey(ring) !== undefined, everBlocked: hasBlocked(ring), keys: keys.reverse() };
}

function accepted<T extends { readonly ok: boolean }>(answer: T): Extract<T, { ok: true }> {
  if (answer.ok) return answer as Extract<T, { ok: true }>;
  const { code, message } = answer as unknown as { code: string; message: string };
  throw new PlanRefused(code, message);
}
