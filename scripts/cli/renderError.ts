import { paint } from "./color.ts";
import type { ErrorReport } from "./errors.ts";
import { maskSecrets } from "./mask.ts";

/** The lines that a person reads on stderr: code, what is wrong, what to do. */
export function renderError(report: ErrorReport, color: boolean): string {
  const lines = [`${paint("red", "error", color)} ${paint("bold", report.code, color)}: ${report.message}`];
  if (report.hint) lines.push(`  ${report.hint}`);
  return maskSecrets(`${lines.join("\n")}\n`);
}
