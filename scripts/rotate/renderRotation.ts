import type { Decision } from "../../model/ring/decision.ts";
import type { ForgetResult } from "./forget.ts";
import type { RevokeResult } from "./revoke.ts";
import type { RotateResult } from "./rotate.ts";

/** A tick for a person: one line a ring, with the reason. */
export function renderRotation(result: RotateResult): string {
  const lines = result.rings.flatMap(({ ring, decision, run }) => [
    `${ring.padEnd(16)} ${describe(decision)}${run === undefined ? "" : run.ok ? "  done" : "  FAILED"}`,
    ...(run?.diagnostics ?? []).map((line) => `                 ${line}`),
  ]);
  const others = (result.inFront ?? []).map(({ code, message }) => `${code}: ${message}`);
  const refused = result.refused === undefined ? [] : [`${result.refused.code}: ${result.refused.message}`];
  return `${[...lines, ...others, ...refused].join("\n")}\n`;
}

/** A revocation for a person: each update, and what the edge says now. */
export function renderRevocation(result: RevokeResult): string {
  const lines = result.runs.flatMap(({ decision, run }) => [
    `${describe(decision)}${run.ok ? "  done" : "  FAILED"}`,
    ...run.diagnostics.map((line) => `    ${line}`),
  ]);
  const proved =
    result.substituteProved === undefined
      ? []
      : [
          result.substituteProved
            ? "the edge had accepted the substitute"
            : "the substitute was published and not proved: watch for refused tokens",
        ];
  const seen =
    result.revokedKey === undefined
      ? []
      : [
          `the edge answers for the revoked key: ${result.revokedKey}${result.revokedKey === "refused" ? "" : " (points of presence may lag; `keyturn rotate` goes on looking)"}`,
        ];
  const refused = result.refused === undefined ? [] : [`${result.refused.code}: ${result.refused.message}`];
  return `${[...lines, ...proved, ...seen, ...refused].join("\n")}\n`;
}

/** A ring that was given up, for a person: what was done, and what is left to do. */
export function renderForget({ decision, run, refused, next }: ForgetResult): string {
  const lines = [
    ...(decision === undefined ? [] : [`${describe(decision)}${run?.ok ? "  done" : "  FAILED"}`]),
    ...(run?.diagnostics ?? []).map((line) => `    ${line}`),
    ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`]),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function describe(decision: Decision): string {
  if (decision.step === "advance")
    return `${decision.advance.move.kind} ${decision.advance.move.key}: ${decision.reason}`;
  if (decision.step === "wait") return `wait until ${decision.until}: ${decision.reason}`;
  if (decision.step === "look") return `look at ${decision.key}: ${decision.reason}`;
  return `STOP ${decision.code}: ${decision.reason}`;
}
