import { compile, problemsOfCompiled } from "../compile/compile.ts";
import type { DesiredState, RingState } from "../compile/types.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Definitions, Ring } from "../definition/types.ts";
import type { Bound } from "../environment/bound.ts";
import type { DeploymentSettings } from "../environment/settings.ts";
import { algorithms } from "../facts/algorithms.ts";
import { errorsOf, formatProblems, type Problem, ProblemError } from "../problem/problem.ts";
import { withWhatIsLeaving } from "../ring/accepts.ts";
import { type Advance, readAdvance } from "../ring/advance.ts";
import type { Ledger, RingLedger } from "../ring/ledger.ts";
import { readLedger } from "../ring/ledger.ts";
import { nextLedger } from "../ring/next.ts";
import { activeKey, hasBlocked, publishedKeys } from "../ring/realize.ts";
import { ledgerId, ringDefinition } from "../ring/ringDefinition.ts";
import { type Compiled, compiled } from "./compiled.ts";
import { type DefinitionRecord, readRecord, recordOf, type Source } from "./definitionRecord.ts";
import { changesSafely, type Deployed, deploying, leavesNothing, readDeployed } from "./deployed.ts";
import { changesFew, type Recorded } from "./massChange.ts";
import { keepsOutstanding } from "./outstanding.ts";

/** What lies on disk, and how much of what is deployed it may change at once. */
export interface NewSource extends Source {
  readonly changesAtMost: Bound;
}

/** Everything an update depends on, besides the resources themselves. */
export interface UpdateInputs {
  /** What lies on disk. Only a plain `up` asks for it: an advance works from what is deployed. */
  readonly source: () => NewSource;
  /** `organization/project/stack`. */
  readonly stack: string;
  /** The outputs of the last successful update; empty for a new stack. */
  readonly last: Readonly<Record<string, unknown>>;
  /** Text of `KEYTURN_ADVANCE`. */
  readonly advance: string | undefined;
  /** Text of `KEYTURN_CONFIRM`. */
  readonly confirm?: string | undefined;
}

export interface UpdatePlan {
  readonly definitions: Definitions;
  readonly settings: DeploymentSettings;
  readonly ledger: Ledger;
  readonly desired: DesiredState;
  readonly compiled: Compiled;
  /** What the next update will be held against. */
  readonly deployed: Deployed;
  /** What the next advance will work from; undefined as long as nothing is deployed. */
  readonly record: DefinitionRecord | undefined;
  /** True for an advance: what holds no key stays as it is deployed. */
  readonly keeps: boolean;
  /** The ring that the advance moves, by the id that the ledger knows it by; none where it only repairs. */
  readonly moving: string | undefined;
}

/** What is deployed, as this version of the program reads it. */
export interface DeployedPlan extends UpdatePlan {
  /** False when this program would compile the deployed definitions to other rules than are deployed. */
  readonly matches: boolean;
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
export function planUpdate({ source, stack, last, advance: text, confirm }: UpdateInputs): UpdatePlan {
  const { advance } = accepted(readAdvance(text));
  if (advance !== undefined) {
    const plan = planDeployed(stack, last, advance);
    if (advance.keysOnly !== true) requireMatch(plan);
    return plan;
  }
  const { files, settings, changesAtMost } = source();
  const { environment } = settings;
  const loaded = loadDefinitions(files, environment);
  const { definitions, problems } = loaded;
  if (errorsOf(problems).length > 0)
    throw new ProblemError([...problems, ...problemsOfCompiled(loaded, environment)]);
  const planned = plan(definitions, settings, accepted(readLedger(last, stack)).ledger, undefined);
  if (errorsOf(planned.desired.problems).length > 0) throw new ProblemError(planned.desired.problems);
  const before = accepted(readDeployed(last)).deployed;
  const forgotten = new Set(
    Object.values(planned.ledger.rings).flatMap((ring) =>
      ring.forgottenAt === undefined ? [] : [ring.ring],
    ),
  );
  const settled = Object.fromEntries(
    Object.values(planned.ledger.rings).map(({ ring, places }) => [ring, places] as const),
  );
  accepted(
    changesSafely(before, planned.deployed, definitions, environment, planned.states, forgotten, settled),
  );
  const record = recordOf({ files, settings }, planned.compiled.whole, last);
  const former = formerDefinitions(last);
  if (former !== undefined) {
    const now = withWhatIsLeaving(definitions, planned.ledger.rings);
    accepted(keepsOutstanding(former.definitions, now, environment, planned.states));
    accepted(changesFew(former, { definitions, environment, record }, changesAtMost, confirm));
  }
  return { ...planned, record, keeps: false };
}

/** The deployed definitions, where there are some that this version can read. */
function formerDefinitions(last: UpdateInputs["last"]): Recorded | undefined {
  const former = readRecord(last);
  if (!former.ok) return undefined;
  const { files, settings } = former.source;
  const { environment } = settings;
  const { definitions, problems } = loadDefinitions(files, environment);
  return errorsOf(problems).length > 0 ? undefined : { definitions, environment, record: former.record };
}

/**
 * The deployed definitions and the last ledger, with an advance or as they stand → what there is, or what the advance
 * makes of it. The same from every checkout.
 *
 * @throws PlanRefused where nothing is deployed, or the outputs or the advance do not fit
 */
export function planDeployed(
  stack: string,
  last: Readonly<Record<string, unknown>>,
  advance?: Advance,
): DeployedPlan {
  const previous = accepted(readLedger(last, stack)).ledger;
  if (advance?.move.kind === "adopt" && last.definitions === undefined)
    return nothingDeployed(stack, last, advance);
  const { record, source } = accepted(readRecord(last));
  const { definitions, problems } = loadDefinitions(source.files, source.settings.environment);
  const errors = errorsOf(problems);
  // Without all of the definitions it is not known where a key has to go from.
  if (errors.length > 0) throw new PlanRefused("DEPLOYED_UNREADABLE", unreadable(errors));
  const planned = plan(definitions, source.settings, previous, advance);
  accepted(leavesNothing(accepted(readDeployed(last)).deployed, planned.deployed));
  return {
    ...planned,
    record,
    keeps: true,
    matches: planned.compiled.whole === record.definitions.digests.compiled,
  };
}

/** Before the first deploy a mirrored ring's first keys come into a ledger beside which there is nothing yet. */
function nothingDeployed(
  stack: string,
  last: Readonly<Record<string, unknown>>,
  advance: Advance,
): DeployedPlan {
  if (Object.keys(accepted(readDeployed(last)).deployed).length > 0) accepted(readRecord(last));
  const environment = { stack: stack.split("/").at(-1) ?? "", zones: [] };
  const settings = { environment, accountId: "", deletable: false };
  const planned = plan({ rings: [], hosts: [] }, settings, accepted(readLedger(last, stack)).ledger, advance);
  return { ...planned, record: undefined, keeps: true, matches: true };
}

/** @throws PlanRefused as `mismatch` answers it */
export function requireMatch(plan: DeployedPlan): void {
  const refused = mismatch(plan);
  if (refused !== undefined) throw refused;
}

/** Why no key moves where this program would deploy other rules than are deployed: an advance deploys none. */
export function mismatch({ matches }: DeployedPlan): PlanRefused | undefined {
  if (matches) return undefined;
  return new PlanRefused(
    "DEPLOYED_DIFFERS",
    "this version of keyturn would compile the deployed definitions to other rules than are deployed, and an advance deploys no rule: run `pulumi up` first, or use the version that deployed them. `keyturn revoke` works meanwhile: it touches nothing but what holds the key",
  );
}

function unreadable(errors: readonly Problem[]): string {
  return `this version of keyturn refuses the deployed definitions, so it cannot tell where their keys are. Use the version that deployed them, or mend them and run \`pulumi up\`:\n${formatProblems(errors)}`;
}

function plan(
  definitions: Definitions,
  settings: DeploymentSettings,
  previous: Ledger,
  advance: Advance | undefined,
) {
  const { environment } = settings;
  const known = new Set(algorithms.map((row) => row.alg));
  const rings = definitions.rings.map((ring) => ringDefinition(ring, environment.zones, definitions.hosts));
  const { ledger } = accepted(nextLedger(previous, rings, advance, known));
  const states = Object.fromEntries(
    definitions.rings.map((ring) => [ring.id, ringState(ringLedgerOf(ledger, ring))] as const),
  );
  const desired = compile(withWhatIsLeaving(definitions, ledger.rings), environment, states);
  const deployed = deploying(definitions, environment, states, desired);
  return {
    definitions,
    settings,
    ledger,
    states,
    desired,
    compiled: compiled(definitions, environment),
    deployed,
    moving: advance?.repair ? undefined : advance?.ring,
  };
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
  const keys = publishedKeys(ring).map(({ name }) => ({ name }));
  return { active: activeKey(ring) !== undefined, everBlocked: hasBlocked(ring), keys: keys.reverse() };
}

function accepted<T extends { readonly ok: boolean }>(answer: T): Extract<T, { ok: true }> {
  if (answer.ok) return answer as Extract<T, { ok: true }>;
  const { code, message } = answer as unknown as { code: string; message: string };
  throw new PlanRefused(code, message);
}
