import { codeNamedIn } from "../../model/codes/codeTable.ts";
import type { Failure } from "../cli/command.ts";
import type { RuleInFront } from "../rotate/inFront.ts";

/** What became of one ring or one update, as far as its failures go. */
interface Step {
  readonly ring?: string;
  readonly decision: { readonly step: string; readonly code?: string; readonly reason: string };
  readonly run?: { readonly ok: boolean; readonly diagnostics: readonly string[] };
}

/**
 * Why a rotation or revocation did not do what was asked, each reason with its code: what it refused before
 * anything was touched, rings that stopped, updates that failed, and rules of others that overtook ours.
 */
export function failuresOf(
  steps: readonly Step[],
  refused: { readonly code: string; readonly message: string } | undefined,
  inFront: readonly RuleInFront[] = [],
): readonly Failure[] {
  const overtaken = inFront.filter(({ code }) => code === "RULES_OVERTAKEN");
  return [...(refused === undefined ? [] : [refused]), ...steps.flatMap(failureOf), ...overtaken];
}

function failureOf({ ring, decision, run }: Step): Failure[] {
  const where = ring === undefined ? "" : `ring ${ring}: `;
  if (decision.step === "stop" && decision.code !== undefined)
    return [{ code: decision.code, message: `${where}${decision.reason}` }];
  if (run === undefined || run.ok) return [];
  const text = run.diagnostics.join("; ");
  return [{ code: codeNamedIn(text) ?? "UPDATE_FAILED", message: `${where}${text}` }];
}
