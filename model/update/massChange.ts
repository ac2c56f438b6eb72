import { assumedRingStates } from "../compile/compile.ts";
import type { Definitions, Environment } from "../definition/types.ts";
import type { Bound } from "../environment/bound.ts";
import { diffPolicies, type PolicyDiff } from "../policy/diff/diff.ts";
import { type Side, sideOf } from "../policy/diff/things.ts";
import { stretchesOf } from "../policy/policy.ts";
import { type DefinitionRecord, digestOf } from "./definitionRecord.ts";

/** A change of more endpoints than may change at once. */
export interface MassChange {
  /** What stands in `KEYTURN_CONFIRM` to let this change through and no other. */
  readonly digest: string;
  /** Which endpoints, and how many may. */
  readonly message: string;
}

/** Whether a change opens or closes more endpoints than a bound lets it; undefined where it does not. */
export function massChange(diff: PolicyDiff, bound: Bound): MassChange | undefined {
  const { changes, opened, closed, endpoints } = diff;
  const count = new Set([...opened, ...closed]).size;
  const allowed = bound.unit === "percent" ? (endpoints * bound.amount) / 100 : bound.amount;
  if (count <= allowed) return undefined;
  const may = bound.unit === "percent" ? `${bound.amount} % of ${endpoints} may` : `${bound.amount} may`;
  const said = [some(opened, "open"), some(closed, "close")].filter((each) => each !== "").join(", ");
  const digest = digestOf({ changes, opened, closed });
  return {
    digest,
    message: `${said}, and ${may} at once (digest ${digest})`,
  };
}

const NAMED = 3;

function some(endpoints: readonly string[], verb: "open" | "close"): string {
  if (endpoints.length === 0) return "";
  const more = endpoints.length > NAMED ? ` and ${endpoints.length - NAMED} more` : "";
  const ends = endpoints.length === 1 ? `1 endpoint ${verb}s` : `${endpoints.length} endpoints ${verb}`;
  return `${ends} (${endpoints.slice(0, NAMED).join(", ")}${more})`;
}

/** Definitions for a stack, and the record of them. */
export interface Recorded {
  readonly definitions: Definitions;
  readonly environment: Environment;
  readonly record: DefinitionRecord;
}

/**
 * Holds what an update would deploy against what is deployed, every ring at work: more endpoints than `bound` open or
 * close only where `confirm` is the digest of this change.
 */
export function changesFew(
  former: Recorded,
  next: Recorded,
  bound: Bound,
  confirm: string | undefined,
):
  | { readonly ok: true }
  | { readonly ok: false; readonly code: "CHANGES_TOO_MANY"; readonly message: string } {
  const [was, is] = [former, next].map(({ record: { definitions } }) => definitions.digests);
  if (was?.files === is?.files && was?.settings === is?.settings) return { ok: true };
  const found = massChange(diffPolicies(recordedSide(former), recordedSide(next)), bound);
  if (found === undefined || found.digest === confirm) return { ok: true };
  const stale = confirm === undefined ? "" : " KEYTURN_CONFIRM is the digest of another change.";
  return {
    ok: false,
    code: "CHANGES_TOO_MANY",
    message: `${found.message}, as keyturn:changesAtMost says.${stale} \`keyturn diff\` shows the requests. Where all of it is meant, run this once with KEYTURN_CONFIRM=${found.digest}`,
  };
}

function recordedSide({ definitions, environment }: Recorded): Side {
  const states = assumedRingStates(definitions);
  return sideOf(definitions.rings, stretchesOf(definitions, environment, states), []);
}
